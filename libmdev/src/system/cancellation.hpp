// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "deadline.hpp"

#include <mdev/error.hpp>

#include <chrono>
#include <string>

namespace mdev {

/// How a program ends a command early: by a descriptor that becomes readable,
/// see Environment::with_cancel(), or at a deadline, see
/// Environment::with_deadline(). Everything in the library that waits polls the
/// descriptor as well; nothing reads it, so that one event cancels every
/// command that has the descriptor. The descriptor remains the caller's, who
/// must keep it open.
///
/// It is a descriptor and not a flag, because only a descriptor can end a wait
/// in poll(2). A signal handler or another thread can make it readable.
class Cancellation {
public:
    /// A negative descriptor is ignored by poll(2): nothing is ever cancelled.
    explicit Cancellation(
        int descriptor = -1, Deadline deadline = Deadline::never()) noexcept
        : descriptor_(descriptor),
          deadline_(deadline)
    {
    }

    int descriptor() const noexcept { return descriptor_; }
    /// Whether the command's deadline has passed.
    bool is_overdue() const noexcept { return deadline_.has_passed(); }
    /// The time for a poll(2) that waits no longer than until `deadline`, nor
    /// than until the command's own.
    int poll_timeout(const Deadline& deadline) const noexcept
    {
        return std::min(deadline.poll_timeout(), deadline_.poll_timeout());
    }
    /// Whether the caller has cancelled, or the deadline has passed. Never
    /// waits.
    bool is_requested() const noexcept;
    /// Sleeps for `time`, or until is_requested(), which it returns.
    bool is_requested_within(std::chrono::milliseconds time) const noexcept;
    /// Returns the Error of a wait that was ended: Errc::timed_out, "WHAT was
    /// ended by the command's deadline", if that has passed; otherwise
    /// Errc::cancelled, "WHAT was cancelled".
    Error error(const std::string& what, const std::string& subject) const;
    /// Throws error() if is_requested(). Never waits.
    void check(const std::string& what, const std::string& subject) const;
    /// Like is_requested_within(), but throws error() instead of returning
    /// true.
    void wait(std::chrono::milliseconds nap, const std::string& what,
        const std::string& subject) const;

private:
    int descriptor_;
    Deadline deadline_;
};

}
