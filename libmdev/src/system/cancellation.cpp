// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cancellation.hpp"

#include <poll.h>

namespace mdev {

bool Cancellation::is_requested_within(
    std::chrono::milliseconds time) const noexcept
{
    struct pollfd waiting {
        descriptor_, POLLIN, 0
    };
    // A signal ends the poll early (EINTR), which counts as "not cancelled":
    // all callers wait in a loop and look again.
    return poll(&waiting, 1, static_cast<int>(time.count())) > 0;
}

bool Cancellation::is_requested() const noexcept
{
    return is_requested_within(std::chrono::milliseconds(0));
}

Error Cancellation::error(const std::string& what, const std::string& subject)
{
    return {Errc::cancelled, subject, what + " was cancelled"};
}

void Cancellation::check(
    const std::string& what, const std::string& subject) const
{
    wait(std::chrono::milliseconds(0), what, subject);
}

void Cancellation::wait(std::chrono::milliseconds nap, const std::string& what,
    const std::string& subject) const
{
    if (is_requested_within(nap))
        throw error(what, subject);
}

}
