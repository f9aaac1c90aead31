// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "filesystem.hpp"

#include <thread>

namespace mdevsim {

/// A mounted file system and the threads that serve it.
class Server {
public:
    /// Calls on_end, on any thread, should somebody else unmount it.
    Server(const std::string& mountpoint, Filesystem& filesystem,
        std::function<void()> on_end);
    /// Unmounts, whether or not anybody still has a file open.
    ~Server();

    /// The threads end; the mount stands, but nothing answers.
    void stop();

private:
    void work();

    fuse_session* session_ = nullptr;
    int stop_event_;
    std::function<void()> on_end_;
    std::vector<std::thread> threads_;
};

}
