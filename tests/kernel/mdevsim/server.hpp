// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "filesystem.hpp"

#include <thread>

namespace mdevsim {

/// A mounted file system and the threads that serve it.
class Server {
public:
    /// Calls on_end, on any thread, if another process unmounts the file
    /// system.
    Server(const std::string& mountpoint, Filesystem& filesystem,
        std::function<void()> on_end);
    /// Unmounts, even if a process still has a file open.
    ~Server();

    /// Ends the threads. The mount remains, but gets no answers.
    void stop();

private:
    void work();

    fuse_session* session_ = nullptr;
    int stop_event_;
    std::function<void()> on_end_;
    std::vector<std::thread> threads_;
};

}
