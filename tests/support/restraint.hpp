// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <csignal>
#include <sys/resource.h>
#include <sys/types.h>

namespace mdev::test {

/// While this object exists, a test that root runs has the permissions of
/// nobody, like a test of any other user.
class Unprivileged {
public:
    Unprivileged();
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
    ~Unprivileged();

private:
    uid_t user_;
    gid_t group_;
};

/// While this object exists, no file of this process grows beyond `bytes`. This
/// simulates a full file system without root.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes);
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit();

private:
    struct rlimit limit_ {};
    void (*handler_)(int);
};

}
