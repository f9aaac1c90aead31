// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace mdevsim {

/// Runs functions later, one after the other, on a thread of its own.
class Scheduler {
public:
    Scheduler();
    /// Discards the functions that have not run.
    ~Scheduler();

    void after(std::chrono::milliseconds time, std::function<void()> task);
    /// Ends the thread. The caller runs the waiting functions at once.
    void finish();

private:
    using Clock = std::chrono::steady_clock;
    using Tasks = std::multimap<Clock::time_point, std::function<void()>>;

    void run();
    void stop();

    std::mutex mutex_;
    std::condition_variable changed_;
    bool ends_ = false;
    Tasks tasks_;
    std::thread thread_;
};

}
