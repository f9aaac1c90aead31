// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scheduler.hpp"

namespace mdevsim {

Scheduler::Scheduler() : thread_([this] { run(); })
{
}

Scheduler::~Scheduler()
{
    stop();
}

void Scheduler::stop()
{
    if (!thread_.joinable())
        return;
    {
        std::lock_guard lock(mutex_);
        ends_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Scheduler::after(
    std::chrono::milliseconds time, std::function<void()> task)
{
    {
        std::lock_guard lock(mutex_);
        tasks_.emplace(Clock::now() + time, std::move(task));
    }
    changed_.notify_all();
}

void Scheduler::finish()
{
    stop();
    for (const auto& [time, task] : tasks_)
        task();
    tasks_.clear();
}

void Scheduler::run()
{
    std::unique_lock lock(mutex_);
    while (!ends_) {
        if (tasks_.empty()) {
            changed_.wait(lock);
            continue;
        }
        auto due = tasks_.begin()->first;
        if (Clock::now() < due) {
            changed_.wait_until(lock, due);
            continue;
        }
        auto task = std::move(tasks_.extract(tasks_.begin()).mapped());
        lock.unlock();
        task();
        lock.lock();
    }
}

}
