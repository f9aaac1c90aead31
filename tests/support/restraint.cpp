// SPDX-License-Identifier: LGPL-2.1-or-later
#include "restraint.hpp"

#include <cerrno>
#include <system_error>
#include <unistd.h>

namespace mdev::test {

namespace {

constexpr uid_t nobody = 65534;

void check(int result, const char* what)
{
    if (result != 0)
        throw std::system_error(errno, std::system_category(), what);
}

}

Unprivileged::Unprivileged() : user_(geteuid()), group_(getegid())
{
    if (user_ != 0)
        return;
    check(setegid(nobody), "setegid");
    check(seteuid(nobody), "seteuid");
}

Unprivileged::~Unprivileged()
{
    // A failure here cannot be handled, and makes the next test fail.
    [[maybe_unused]] const bool back =
        seteuid(user_) == 0 && setegid(group_) == 0;
}

FileSizeLimit::FileSizeLimit(rlim_t bytes)
    : handler_(std::signal(SIGXFSZ, SIG_IGN))
{
    check(getrlimit(RLIMIT_FSIZE, &limit_), "getrlimit");
    auto lower = limit_;
    lower.rlim_cur = bytes;
    check(setrlimit(RLIMIT_FSIZE, &lower), "setrlimit");
}

FileSizeLimit::~FileSizeLimit()
{
    setrlimit(RLIMIT_FSIZE, &limit_);
    // NOLINTNEXTLINE(cert-err33-c): it was set before, so it can be again
    std::signal(SIGXFSZ, handler_);
}

}
