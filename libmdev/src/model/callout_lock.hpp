// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "deadline.hpp"

namespace mdev {

/// Lets one thread of this process run a command's scripts, from before `pre`
/// to after `post`. See lock_callouts() for the reason. Threads are served in
/// the order in which they asked, so that a steady stream of commands cannot
/// starve one.
///
/// Every command takes this lock before the store lock. Locks of other
/// processes do not matter here: the lock that a vendor's script takes for the
/// host belongs to its parent process, and other processes wait for it inside
/// of the script. A child process after fork(2) begins with a free lock.
class CalloutLock {
public:
    /// An object that holds no lock, for commands that run no script.
    CalloutLock() noexcept = default;
    /// Waits for the lock. Throws Error: Errc::timed_out; Errc::cancelled;
    /// Errc::lock_held if this thread has the lock, so that it would wait for
    /// itself.
    CalloutLock(const Deadline& deadline, const Cancellation& cancellation);
    CalloutLock(CalloutLock&& other) noexcept;
    CalloutLock& operator=(CalloutLock&&) = delete;
    ~CalloutLock();

private:
    struct Queue;
    static Queue& process_queue();

    Queue* queue_ = nullptr; ///< of which this object holds the lock
};

}
