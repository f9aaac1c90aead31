// SPDX-License-Identifier: LGPL-2.1-or-later
#include "turn.hpp"

#include "file_descriptor.hpp"
#include "kernel_error.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <climits>
#include <mutex>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
#include <utility>

namespace mdev {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* subject = "callout scripts";

/// A thread that waits: a mutex could not be given up when somebody cancels.
struct Waiter {
    FileDescriptor event;
    bool is_next = false;
    Waiter* behind = nullptr;
};

/// Nothing in it has to be destroyed: threads may still run when the process
/// ends.
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

// Of the process and not of an Environment, because that is whose lock a
// script takes.
Queue queue;

enum class Wake { called, cancelled, timed_out };

Wake wait(int event, int cancel, steady_clock::time_point end)
{
    for (;;) {
        std::array<pollfd, 2> asked{{{event, POLLIN, 0}, {cancel, POLLIN, 0}}};
        const auto left = std::clamp<long long>(
            std::chrono::ceil<milliseconds>(end - steady_clock::now()).count(),
            0, INT_MAX);
        const int ready =
            poll(asked.data(), asked.size(), static_cast<int>(left));
        if (ready == 0 && left < INT_MAX)
            return Wake::timed_out;
        if (ready > 0)
            return asked[0].revents != 0 ? Wake::called : Wake::cancelled;
    }
}

[[noreturn]] void give_up(Wake why, milliseconds limit)
{
    if (why == Wake::cancelled)
        throw Error(Errc::cancelled, subject,
            "Waiting for the turn to run callout scripts was cancelled");
    throw Error(Errc::timed_out, subject,
        "Cannot run callout scripts: other commands of this process have not "
        "ended within " +
            std::to_string(limit.count()) + " ms");
}

/// Far enough, and no overflow when it is added to the present.
steady_clock::time_point end_of(milliseconds limit)
{
    constexpr std::chrono::hours century(24 * 36525);
    return steady_clock::now() + std::min<milliseconds>(limit, century);
}

}

Turn::Turn(milliseconds limit, int cancel)
{
    const auto end = end_of(limit);
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
    const auto why = wait(waiter.event.number(), cancel, end);
    const std::lock_guard guard(queue.mutex);
    mine_ = waiter.is_next;
    if (mine_)
        return;
    queue.remove(waiter);
    give_up(why, limit);
}

Turn::Turn(Turn&& other) noexcept : mine_(std::exchange(other.mine_, false))
{
}

Turn::~Turn()
{
    if (!mine_)
        return;
    const std::lock_guard guard(queue.mutex);
    auto* next = queue.first;
    queue.is_taken = next != nullptr;
    if (!next)
        return;
    queue.first = next->behind;
    next->is_next = true;
    // Under the mutex, because the waiter's descriptor is gone soon after.
    eventfd_write(next->event.number(), 1);
}

}
