// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"
#include "watched_paths.hpp"

#include <mdev/monitor.hpp>

#include <cstdint>
#include <ctime>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace mdev {

/// Watches the definitions.
///
/// Events only say where to look; the changes are the differences between the
/// known files and the existing ones. An event alone is not enough: one write
/// makes several events, a directory may fill before its watch exists, a UUID
/// has several spellings, the store may be exchanged as a whole, and the queue
/// may overflow. The comparison is correct in all of these cases, and a
/// needless look costs one directory.
class StoreWatch {
public:
    explicit StoreWatch(const Environment& env);

    /// The inotify descriptor, to poll.
    int number() const noexcept { return paths_.number(); }
    /// Appends the changes since the last call. Never waits, and leaves the
    /// rest of a long queue to the next call.
    void read(std::vector<Event>& events);
    /// Appends a definition_added for each file, and drops unread events.
    void current(std::vector<Event>& events);

private:
    /// Which file a definition is, and in which version. If the stamps of two
    /// files differ, their contents may differ.
    struct Stamp {
        bool is_link;
        dev_t device;
        ino_t inode;
        off_t size;
        std::pair<std::time_t, long> modified;

        bool operator==(const Stamp&) const = default;
    };
    using Files = std::map<Uuid, Stamp>;

    static std::optional<Stamp> stamp_of(
        const Directory& directory, const std::string& name);
    void handle(const PathEvent& event, std::vector<Event>& events);
    void take(const Look& look, std::uint32_t mask, std::vector<Event>& events);
    void look_at_pending(std::vector<Event>& events);
    void look_at_store(std::vector<Event>& events);
    void look_at_parent(const std::string& parent, std::vector<Event>& events);
    void look_at_file(
        const Look& look, std::uint32_t mask, std::vector<Event>& events);
    std::optional<Stamp> look_at_entry(
        const Directory& directory, const Look& look);
    void compare(const std::string& parent, const Files& now,
        std::vector<Event>& events);
    void report(EventKind kind, const std::string& parent, const Uuid& uuid,
        std::vector<Event>& events);

    Environment env_;
    WatchedPaths paths_;
    /// The definitions that have been reported, by parent.
    std::map<std::string, Files> known_;
    /// The definitions that the running read() has reported.
    std::set<std::pair<std::string, Uuid>> reported_;
    /// The parts of the store to check after the events that were handled.
    bool store_is_pending_ = false;
    std::set<std::string> pending_parents_;
};

}
