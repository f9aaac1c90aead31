// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/error.hpp>

#include <chrono>
#include <string>

namespace mdev {

/// How a caller gives up: a descriptor that becomes readable (see
/// Environment::with_cancel). The descriptor stays the caller's.
class Cancellation {
public:
    /// A negative descriptor is never readable: nothing is ever cancelled.
    explicit Cancellation(int descriptor = -1) noexcept
        : descriptor_(descriptor)
    {
    }

    int descriptor() const noexcept { return descriptor_; }
    /// Whether the caller has given up. Never waits.
    bool is_requested() const noexcept;
    /// What is thrown then: Errc::cancelled, "WHAT was cancelled".
    static Error error(const std::string& what, const std::string& subject);
    /// Throws error() if the caller has given up.
    void check(const std::string& what, const std::string& subject) const;
    /// Sleeps for `nap`. Throws as check() does, as soon as the caller gives
    /// up.
    void wait(std::chrono::milliseconds nap, const std::string& what,
        const std::string& subject) const;

private:
    bool is_requested_within(std::chrono::milliseconds time) const noexcept;

    int descriptor_;
};

}
