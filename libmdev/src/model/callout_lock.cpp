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
#include <thread>
#include <utility>

namespace mdev {

namespace {

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

/// The threads that wait for one script, first come, first served.
struct CalloutLock::Queue {
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

/// The queues of all scripts that are in use.
struct CalloutLock::Queues {
    std::mutex mutex;
    std::map<std::pair<std::filesystem::path, std::string>, Queue> by_key;
};

namespace {

enum class Wake { called, cancelled, timed_out };

Wake wait(int event, const Cancellation& cancellation, const Deadline& deadline)
{
    for (;;) {
        std::array<pollfd, 2> asked{
            {{event, POLLIN, 0}, {cancellation.descriptor(), POLLIN, 0}}};
        const int ready = poll(
            asked.data(), asked.size(), cancellation.poll_timeout(deadline));
        if (ready > 0)
            return asked[0].revents != 0 ? Wake::called : Wake::cancelled;
        if (cancellation.is_overdue())
            return Wake::cancelled;
        // poll(2) may return 0 early: Deadline::poll_timeout() shortens long
        // times.
        if (ready == 0 && deadline.has_passed())
            return Wake::timed_out;
    }
}

[[noreturn]] void give_up(const std::filesystem::path& script, Wake why,
    const Deadline& deadline, const Cancellation& cancellation)
{
    const auto name = script.string();
    if (why == Wake::cancelled)
        throw cancellation.error(
            "Waiting for the lock of callout script " + name, name);
    throw Error(Errc::timed_out, name,
        "Cannot run callout script " + name +
            ": other commands of this process have not ended within " +
            std::to_string(deadline.timeout().count()) + " ms");
}

}

/// One set for the process and not for each Environment: a script's lock of the
/// host belongs to the process that calls it. Never destroyed: threads may
/// still wait when the process exits.
const PerProcess<CalloutLock::Queues>& CalloutLock::process_queues()
{
    static const auto& queues = *new PerProcess<Queues>;
    return queues;
}

CalloutLock::CalloutLock(
    std::filesystem::path script, const std::string& question)
    : key_(std::move(script), question)
{
}

std::optional<CalloutLock> CalloutLock::if_free(std::filesystem::path script)
{
    CalloutLock lock(std::move(script), {});
    auto& queues = process_queues().here();
    const std::lock_guard guard(queues.mutex);
    auto& queue = queues.by_key[lock.key_];
    if (std::exchange(queue.is_taken, true))
        return {};
    queue.holder = std::this_thread::get_id();
    lock.queues_ = &queues;
    return lock;
}

CalloutLock::CalloutLock(std::filesystem::path script, std::string question,
    const Deadline& deadline, const Cancellation& cancellation)
    : key_(std::move(script), std::move(question))
{
    auto& queues = process_queues().here();
    const auto thread = std::this_thread::get_id();
    Waiter waiter;
    Queue* queue = nullptr;
    {
        const std::lock_guard guard(queues.mutex);
        queue = &queues.by_key[key_];
        if (!std::exchange(queue->is_taken, true)) {
            queue->holder = thread;
            queues_ = &queues;
            return;
        }
        if (queue->holder == thread)
            throw Error(Errc::lock_held, key_.first.string(),
                "Cannot run callout script " + key_.first.string() +
                    ": this thread already runs another command; call this "
                    "command after the other has returned");
        waiter.event = FileDescriptor(eventfd(0, EFD_CLOEXEC));
        if (!waiter.event)
            throw kernel_error("Cannot wait for", key_.first);
        queue->append(waiter);
    }
    const auto why = wait(waiter.event.number(), cancellation, deadline);
    const std::lock_guard guard(queues.mutex);
    // A lock that was passed on in the meantime counts, even if the wait ended
    // by a timeout or by cancellation: no other thread would release it.
    if (waiter.is_next) {
        queue->holder = thread;
        queues_ = &queues;
        return;
    }
    queue->remove(waiter);
    give_up(key_.first, why, deadline, cancellation);
}

CalloutLock::CalloutLock(CalloutLock&& other) noexcept
    : key_(std::move(other.key_)),
      queues_(std::exchange(other.queues_, nullptr))
{
}

CalloutLock::~CalloutLock()
{
    // A command that has forked ends in the child as well, where it holds
    // nothing.
    if (!queues_ || !process_queues().is_here(*queues_))
        return;
    const std::lock_guard guard(queues_->mutex);
    const auto at = queues_->by_key.find(key_);
    auto& queue = at->second;
    auto* next = queue.first;
    if (!next) {
        queues_->by_key.erase(at);
        return;
    }
    // The lock is handed over and never free in between, so that a thread that
    // has just come cannot overtake the queue.
    queue.holder = {};
    queue.first = next->behind;
    next->is_next = true;
    // Written under the mutex: the waiter needs the mutex before it can return
    // and close its descriptor, whose number could then be another file's.
    eventfd_write(next->event.number(), 1);
}

void CalloutLocks::take(const std::filesystem::path& script)
{
    if (!held_.contains(script))
        held_.emplace(
            script, CalloutLock(script, Deadline(limit_), cancellation_));
}

void CalloutLocks::take_if_free(const std::filesystem::path& script)
{
    if (held_.contains(script))
        return;
    auto lock = CalloutLock::if_free(script);
    if (!lock)
        throw ScriptBusy{script};
    held_.emplace(script, std::move(*lock));
}

}
