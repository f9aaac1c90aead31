// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"

#include <mdev/monitor.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mdev {

/// Sees by inotify what becomes of the definitions. What has changed is not
/// taken from the kernel's events, which only say where to look: it is the
/// difference between what was there and what is there now.
class StoreWatch {
public:
    explicit StoreWatch(const Environment& env);

    int number() const noexcept { return inotify_.number(); }
    /// Appends what has happened; never waits.
    void read(std::vector<Event>& events);
    /// Appends each definition that there is as if it were new, and forgets
    /// what has not been read.
    void current(std::vector<Event>& events);

private:
    using Known = std::set<std::pair<std::string, Uuid>>;

    void watch(const std::filesystem::path& directory,
        const std::string& parent, std::uint32_t mask);
    void handle(int watch, const std::string& name, std::uint32_t mask,
        std::vector<Event>& events);
    void look_at_file(const std::string& parent, const std::string& name,
        std::uint32_t mask, std::vector<Event>& events);
    void look_at_root(std::vector<Event>& events);
    void look_at_parent(const std::string& parent, std::vector<Event>& events);
    void compare(const std::string& parent, const Known& now,
        std::vector<Event>& events);

    Environment env_;
    FileDescriptor inotify_;
    /// Whose directory a watch is on; empty for the store's own or for what
    /// is above it.
    std::map<int, std::string> watched_;
    Known known_;
};

}
