// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cancellation.hpp"

#include <poll.h>

namespace mdev {

bool Cancellation::is_requested_within(
    std::chrono::milliseconds time) const noexcept
{
    const Deadline end(time);
    struct pollfd waiting {
        descriptor_, POLLIN, 0
    };
    // A signal ends a poll early (EINTR), and one poll cannot wait as long as
    // a caller may ask for.
    do {
        if (is_overdue() || poll(&waiting, 1, poll_timeout(end)) > 0)
            return true;
    } while (!end.has_passed());
    return is_overdue();
}

bool Cancellation::is_requested() const noexcept
{
    return is_requested_within(std::chrono::milliseconds(0));
}

Error Cancellation::error(
    const std::string& what, const std::string& subject) const
{
    if (is_overdue())
        return {Errc::timed_out, subject,
            what + " was ended by the command's deadline"};
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
