// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock_queue.hpp"

#include "kernel_error.hpp"
#include "signals_blocked.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <map>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <thread>

namespace mdev {

/// A thread that waits. Its members are used under the mutex of the queues,
/// except for the event, which the thread polls.
struct LockPlace::Waiter {
    FileDescriptor event;
    /// Before the end of the wait, a descriptor for the helper to lock; behind
    /// it, one that has the lock.
    FileDescriptor open;
    bool is_served = false;
    int error = 0;
};

struct LockPlace::Queues {
    std::mutex mutex;
    /// A file has a queue while it has a helper.
    std::map<FileId, std::deque<std::shared_ptr<Waiter>>> by_file;
};

namespace {

/// Returns 0 or an errno.
int lock_in_kernel(const FileDescriptor& open)
{
    int result = 0;
    do
        result = flock(open.number(), LOCK_EX);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

}

/// Never destroyed: a helper may still wait when the process exits.
const PerProcess<LockPlace::Queues>& LockPlace::all_queues()
{
    static const auto& all = *new PerProcess<Queues>;
    return all;
}

LockPlace::Queues& LockPlace::queues()
{
    return all_queues().here();
}

/// The helper: serves one waiter after the other.
void LockPlace::serve(Queues& queues, const FileId& file)
{
    std::unique_lock guard(queues.mutex);
    const auto at = queues.by_file.find(file);
    auto& queue = at->second;
    while (!queue.empty()) {
        // Any waiter's descriptor will do: the first waiter may have given up
        // when the lock is granted.
        auto locked = std::move(queue.front()->open);
        guard.unlock();
        const int error = lock_in_kernel(locked);
        guard.lock();
        if (queue.empty())
            break;
        const auto waiter = std::move(queue.front());
        queue.pop_front();
        waiter->open = std::move(locked);
        waiter->error = error;
        waiter->is_served = true;
        eventfd_write(waiter->event.number(), 1);
    }
    queues.by_file.erase(at);
}

bool LockPlace::is_waited_for(const FileId& file)
{
    if (!all_queues().is_used())
        return false;
    auto& all = queues();
    const std::lock_guard guard(all.mutex);
    const auto at = all.by_file.find(file);
    return at != all.by_file.end() && !at->second.empty();
}

LockPlace::LockPlace(FileDescriptor open, const FileId& file)
    : file_(file),
      waiter_(std::make_shared<Waiter>())
{
    waiter_->event = FileDescriptor(eventfd(0, EFD_CLOEXEC));
    if (!waiter_->event)
        throw kernel_error("Cannot wait for", "a lock");
    waiter_->open = std::move(open);
    auto& all = queues();
    const std::lock_guard guard(all.mutex);
    const auto [at, is_new] = all.by_file.try_emplace(file);
    at->second.push_back(waiter_);
    if (!is_new)
        return;
    try {
        const SignalsBlocked blocked;
        std::thread([&all, file] { serve(all, file); }).detach();
    } catch (const std::system_error&) {
        all.by_file.erase(at);
        throw;
    }
}

LockPlace::~LockPlace()
{
    auto& all = queues();
    const std::lock_guard guard(all.mutex);
    const auto at = all.by_file.find(file_);
    if (at != all.by_file.end())
        std::erase(at->second, waiter_);
}

bool LockPlace::is_served_within(
    std::chrono::milliseconds time, const Cancellation& cancellation)
{
    std::array<pollfd, 2> asked{{{waiter_->event.number(), POLLIN, 0},
        {cancellation.descriptor(), POLLIN, 0}}};
    poll(asked.data(), asked.size(), cancellation.poll_timeout(Deadline(time)));
    const std::lock_guard guard(queues().mutex);
    return waiter_->is_served;
}

std::pair<FileDescriptor, int> LockPlace::take()
{
    const std::lock_guard guard(queues().mutex);
    return {std::move(waiter_->open), waiter_->error};
}

}
