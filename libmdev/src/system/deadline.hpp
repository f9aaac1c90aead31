// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <climits>

namespace mdev {

/// The moment at which a time limit passes, counted from the construction.
///
/// A limit that reaches beyond the clock, such as milliseconds::max(), never
/// passes: "no limit" and "a very long limit" need no branch in the callers.
/// The addition saturates in one place; `now + timeout` overflows, which would
/// make the longest limit the shortest. The clock is monotonic: a step of the
/// wall clock, for example by NTP at boot, must not end a wait.
class Deadline {
public:
    using Clock = std::chrono::steady_clock;
    using milliseconds = std::chrono::milliseconds;

    explicit Deadline(milliseconds timeout) noexcept
        : timeout_(timeout),
          end_(end_of(timeout))
    {
    }

    /// The moment `end`.
    explicit Deadline(Clock::time_point end) noexcept
        : timeout_(milliseconds::max()),
          end_(end)
    {
    }
    /// Never passes.
    static Deadline never() noexcept
    {
        return Deadline(Clock::time_point::max());
    }

    /// The limit that the deadline was made from, for messages.
    milliseconds timeout() const noexcept { return timeout_; }
    bool has_passed() const noexcept { return Clock::now() >= end_; }
    /// Moves the end by `time`; one that is negative changes nothing.
    void extend(Clock::duration time) noexcept
    {
        if (time > Clock::duration::zero())
            end_ = Clock::time_point::max() - end_ > time
                ? end_ + time
                : Clock::time_point::max();
    }
    /// Moves the end to `timeout` from now, unless it is earlier already.
    void shorten(milliseconds timeout) noexcept
    {
        end_ = std::min(end_, end_of(timeout));
    }
    /// The remaining time for poll(2), never negative. It is rounded up, so
    /// that the last wait is not followed by a busy loop of zero milliseconds.
    /// A time that an int cannot hold (24 days) is shortened: a caller whose
    /// poll(2) returns 0 has to ask has_passed().
    int poll_timeout() const noexcept
    {
        const auto now = Clock::now();
        if (end_ <= now)
            return 0;
        const auto left = end_ - now;
        if (left >= milliseconds(INT_MAX))
            return INT_MAX;
        return static_cast<int>(std::chrono::ceil<milliseconds>(left).count());
    }

private:
    static Clock::time_point end_of(milliseconds timeout) noexcept
    {
        const auto now = Clock::now();
        // Subtract from the end of the clock instead of adding to `now`: the
        // subtraction cannot overflow.
        const auto most =
            std::chrono::floor<milliseconds>(Clock::time_point::max() - now);
        return timeout >= most ? Clock::time_point::max()
                               : now + std::max(timeout, milliseconds::zero());
    }

    milliseconds timeout_;
    Clock::time_point end_;
};

}
