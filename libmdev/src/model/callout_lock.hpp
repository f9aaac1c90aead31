// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "deadline.hpp"

namespace mdev {

/// The turn of this thread to do what one thread of a process may do at a time,
/// as long as this object lives. First come, first served.
class CalloutLock {
public:
    /// None.
    CalloutLock() noexcept = default;
    /// Waits for it. Throws Error: Errc::timed_out, Errc::cancelled.
    CalloutLock(const Deadline& deadline, const Cancellation& cancellation);
    CalloutLock(CalloutLock&& other) noexcept;
    CalloutLock& operator=(CalloutLock&&) = delete;
    ~CalloutLock();

private:
    bool mine_ = false;
};

}
