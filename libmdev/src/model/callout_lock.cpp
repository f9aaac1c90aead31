// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_lock.hpp"

#include "file_descriptor.hpp"
#include "kernel_error.hpp"

#include <mdev/error.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace mdev {

namespace {

constexpr const char* subject = "callout scripts";

/// A thread in the queue, which lives on that thread's stack. It waits in
/// poll(2) for an eventfd and for the cancel descriptor: waiting for a mutex or
/// a condition variable could not be ended by a descriptor.
struct Waiter {
    FileDescriptor event;
    /// Set under the queue's mutex by the thread that passes the lock on. It
    /// decides, not the eventfd: the lock may be passed on at the moment of a
    /// timeout.
    bool is_next = false;
    Waiter* behind = nullptr;
};

}

/// The threads that wait, first come, first served. A queue is never destroyed:
/// threads may still wait when the process exits.
struct CalloutLock::Queue {
    const pid_t process = getpid();
    std::mutex mutex;
    bool is_taken = false;
    std::thread::id holder; ///< if it is taken
    Waiter* first = nullptr;

    void append(Waiter& waiter)
    {
        auto* end = &first;
        while (*end)
            end = &(*end)->behind;
        *end = &waiter;
    }
    void remove(const Waiter& waiter)
    {
        auto* at = &first;
        while (*at != &waiter)
            at = &(*at)->behind;
        *at = waiter.behind;
    }
};

namespace {

enum class Wake { called, cancelled, timed_out };

Wake wait(int event, const Cancellation& cancellation, const Deadline& deadline)
{
    for (;;) {
        std::array<pollfd, 2> asked{
            {{event, POLLIN, 0}, {cancellation.descriptor(), POLLIN, 0}}};
        const int ready =
            poll(asked.data(), asked.size(), deadline.poll_timeout());
        // poll(2) may return 0 early: Deadline::poll_timeout() shortens long
        // times.
        if (ready == 0 && deadline.has_passed())
            return Wake::timed_out;
        if (ready > 0)
            return asked[0].revents != 0 ? Wake::called : Wake::cancelled;
    }
}

[[noreturn]] void give_up(Wake why, const Deadline& deadline)
{
    if (why == Wake::cancelled)
        throw Cancellation::error("Waiting for the callout lock", subject);
    throw Error(Errc::timed_out, subject,
        "Cannot run callout scripts: other commands of this process have not "
        "ended within " +
            std::to_string(deadline.timeout().count()) + " ms");
}

}

/// One for the process and not for each Environment: a script's lock of the
/// host belongs to the process that calls it. After fork(2) a child process has
/// a copy of its parent's queue, whose lock and mutex may be held by a thread
/// that the child does not have. So it makes another queue.
CalloutLock::Queue& CalloutLock::process_queue()
{
    static std::atomic<Queue*> current = nullptr;
    auto* known = current.load();
    while (!known || known->process != getpid()) {
        auto made = std::make_unique<Queue>();
        if (current.compare_exchange_strong(known, made.get()))
            return *made.release();
    }
    return *known;
}

CalloutLock::CalloutLock(
    const Deadline& deadline, const Cancellation& cancellation)
{
    auto& queue = process_queue();
    const auto thread = std::this_thread::get_id();
    Waiter waiter;
    {
        const std::lock_guard guard(queue.mutex);
        if (!std::exchange(queue.is_taken, true)) {
            queue.holder = thread;
            queue_ = &queue;
            return;
        }
        if (queue.holder == thread)
            throw Error(Errc::lock_held, subject,
                "Cannot run callout scripts: this thread runs a command "
                "already, which has called the function that gives this "
                "command; give it after the other has returned");
        waiter.event = FileDescriptor(eventfd(0, EFD_CLOEXEC));
        if (!waiter.event)
            throw kernel_error("Cannot wait for", subject);
        queue.append(waiter);
    }
    const auto why = wait(waiter.event.number(), cancellation, deadline);
    const std::lock_guard guard(queue.mutex);
    // A lock that was passed on in the meantime counts, even if the wait ended
    // by a timeout or by cancellation: nobody else would release it.
    if (waiter.is_next) {
        queue.holder = thread;
        queue_ = &queue;
        return;
    }
    queue.remove(waiter);
    give_up(why, deadline);
}

CalloutLock::CalloutLock(CalloutLock&& other) noexcept
    : queue_(std::exchange(other.queue_, nullptr))
{
}

CalloutLock::~CalloutLock()
{
    // A command that has forked ends in the child as well, where it holds
    // nothing.
    if (!queue_ || queue_->process != getpid())
        return;
    const std::lock_guard guard(queue_->mutex);
    auto* next = queue_->first;
    // The lock is handed over and never free in between, so that a thread that
    // has just come cannot overtake the queue.
    queue_->is_taken = next != nullptr;
    queue_->holder = {};
    if (!next)
        return;
    queue_->first = next->behind;
    next->is_next = true;
    // Written under the mutex: the waiter needs the mutex before it can return
    // and close its descriptor, whose number could then be another file's.
    eventfd_write(next->event.number(), 1);
}

}
