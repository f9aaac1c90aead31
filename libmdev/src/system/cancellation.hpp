// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/error.hpp>

#include <chrono>
#include <string>

namespace mdev {

/// How a program cancels a command: by a descriptor that becomes readable, see
/// Environment::with_cancel(). Everything in the library that waits polls it as
/// well; nothing reads it, so that one event cancels every command that has the
/// descriptor. The descriptor remains the caller's, who must keep it open.
///
/// A descriptor and not a flag: a wait in poll(2) can only be ended by one, and
/// a signal handler or another thread can make it readable.
class Cancellation {
public:
    /// A negative descriptor is ignored by poll(2): nothing is ever cancelled.
    explicit Cancellation(int descriptor = -1) noexcept
        : descriptor_(descriptor)
    {
    }

    int descriptor() const noexcept { return descriptor_; }
    /// Whether the caller has cancelled. Never waits.
    bool is_requested() const noexcept;
    /// Sleeps for `time`, or until the caller cancels. Returns whether the
    /// caller has cancelled.
    bool is_requested_within(std::chrono::milliseconds time) const noexcept;
    /// Returns the Error of a cancelled wait: Errc::cancelled, "WHAT was
    /// cancelled".
    static Error error(const std::string& what, const std::string& subject);
    /// Throws error() if the caller has cancelled. Never waits.
    void check(const std::string& what, const std::string& subject) const;
    /// As is_requested_within(), but throws error() if the caller has
    /// cancelled.
    void wait(std::chrono::milliseconds nap, const std::string& what,
        const std::string& subject) const;

private:
    int descriptor_;
};

}
