// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_lock.hpp"

#include "file_descriptor.hpp"
#include "kernel_error.hpp"

#include <mdev/error.hpp>

#include <array>
#include <mutex>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
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

/// The threads that wait, first come, first served. The queue has no destructor
/// to run: threads may still wait when the process exits.
struct Queue {
    std::mutex mutex;
    bool is_taken = false;
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

// One for the process and not for each Environment: a script's lock of the host
// belongs to the process that calls it.
Queue queue;

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

CalloutLock::CalloutLock(
    const Deadline& deadline, const Cancellation& cancellation)
{
    Waiter waiter;
    {
        const std::lock_guard guard(queue.mutex);
        mine_ = !std::exchange(queue.is_taken, true);
        if (mine_)
            return;
        waiter.event = FileDescriptor(eventfd(0, EFD_CLOEXEC));
        if (!waiter.event)
            throw kernel_error("Cannot wait for", subject);
        queue.append(waiter);
    }
    const auto why = wait(waiter.event.number(), cancellation, deadline);
    const std::lock_guard guard(queue.mutex);
    // A lock that was passed on in the meantime counts, even if the wait ended
    // by a timeout or by cancellation: nobody else would release it.
    mine_ = waiter.is_next;
    if (mine_)
        return;
    queue.remove(waiter);
    give_up(why, deadline);
}

CalloutLock::CalloutLock(CalloutLock&& other) noexcept
    : mine_(std::exchange(other.mine_, false))
{
}

CalloutLock::~CalloutLock()
{
    if (!mine_)
        return;
    const std::lock_guard guard(queue.mutex);
    auto* next = queue.first;
    // The lock is handed over and never free in between, so that a thread that
    // has just come cannot overtake the queue.
    queue.is_taken = next != nullptr;
    if (!next)
        return;
    queue.first = next->behind;
    next->is_next = true;
    // Written under the mutex: the waiter needs the mutex before it can return
    // and close its descriptor, whose number could then be another file's.
    eventfd_write(next->event.number(), 1);
}

}
