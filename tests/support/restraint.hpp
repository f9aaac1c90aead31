// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <csignal>
#include <sys/resource.h>
#include <sys/types.h>

namespace mdev::test {

/// As long as it lives, a test that root runs has nobody's rights, as
/// everybody else's test has anyway.
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

/// As long as it lives, no file of this process grows beyond `bytes`: what a
/// full file system does, and nobody needs to be root for.
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
