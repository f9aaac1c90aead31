// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "file_descriptor.hpp"
#include "per_process.hpp"

#include <chrono>
#include <memory>
#include <sys/stat.h>
#include <utility>

namespace mdev {

/// The place of a thread in the queue of this process for the flock(2) of a
/// file.
///
/// flock(2) waits without a time limit, and poll(2) cannot wait for it. So a
/// helper thread waits in the kernel, one for each file, and passes the lock on
/// to the thread that has waited longest. If no thread waits any more when it
/// gets the lock, it releases the lock; until then it stays in the kernel,
/// which ends it with the process.
class LockPlace {
public:
    /// Whether threads of this process wait for the lock of a file already.
    static bool is_waited_for(const FileId& file);

    /// Joins the queue with `open`, a descriptor of `file`. Throws Error if the
    /// process has no descriptor left, and std::system_error if it has no
    /// thread left.
    LockPlace(FileDescriptor open, const FileId& file);
    LockPlace(const LockPlace&) = delete;
    LockPlace& operator=(const LockPlace&) = delete;
    ~LockPlace();

    /// Waits for the lock up to `time`, or until the caller cancels. Returns
    /// whether the wait is over, so that take() says how.
    bool is_served_within(
        std::chrono::milliseconds time, const Cancellation& cancellation);
    /// Returns the descriptor that has the lock, or none and the errno.
    std::pair<FileDescriptor, int> take();

private:
    struct Waiter;
    struct Queues;
    static const PerProcess<Queues>& all_queues();
    static Queues& queues();
    static void serve(Queues& queues, const FileId& file);

    FileId file_;
    std::shared_ptr<Waiter> waiter_;
};

}
