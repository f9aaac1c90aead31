// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "deadline.hpp"

namespace mdev {

/// The turn of this thread to do what one thread of a process may do at a time,
/// as long as this object lives. First come, first served.
class Turn {
public:
    /// None.
    Turn() noexcept = default;
    /// Waits for it. Throws Error: Errc::timed_out, Errc::cancelled.
    Turn(const Deadline& deadline, const Cancellation& cancellation);
    Turn(Turn&& other) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

private:
    bool mine_ = false;
};

}
