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

/// Watches the definitions with inotify(7).
///
/// Events only say where to look; what has changed is the difference between
/// the files that were known and those that exist. An event's own word is not
/// enough: one write makes several events, a directory may fill before its
/// watch exists, a UUID has several spellings, and the queue may overflow. The
/// comparison is correct in all of these cases, and a needless look costs one
/// directory.
///
/// Three kinds of directories are watched: the store's own, each parent's, and,
/// if the store does not exist, the nearest directory above it that does.
class StoreWatch {
public:
    explicit StoreWatch(const Environment& env);

    /// The inotify descriptor, to poll.
    int number() const noexcept { return inotify_.number(); }
    /// Appends what has happened since the last call. Never waits.
    void read(std::vector<Event>& events);
    /// Appends a definition_added for each file, and drops what has not been
    /// read.
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
    /// The parent whose directory a watch is on; empty for the store's
    /// directory or one above it.
    std::map<int, std::string> watched_;
    /// The definitions that have been reported, by parent and UUID.
    Known known_;
};

}
