// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace mdev {

/// What to look at after a change: one file of a parent; all files of a parent,
/// if `file` is empty; the whole store, if `parent` is empty.
struct Look {
    std::string parent;
    std::string file;

    bool operator<(const Look& other) const
    {
        return std::tie(parent, file) < std::tie(other.parent, other.file);
    }
};

/// A change that inotify(7) has seen.
struct PathEvent {
    std::uint32_t mask;
    /// The name that appeared, changed or was lost; empty if the event is about
    /// the watched directory itself.
    std::string name;
    /// Whose directory has that name in it.
    std::set<Look> directories;
    /// Whose path leads over that name or directory.
    std::set<Look> paths;
};

/// Watches directories, and the paths that lead to them, with inotify(7).
///
/// A path leads through directories and symbolic links, each of which may be
/// exchanged by a rename. So every directory in which the kernel looks up a
/// component of the path is watched, and of its events only those about that
/// component count.
class WatchedPaths {
public:
    /// `subject` is for messages. Throws Error if the kernel refuses.
    explicit WatchedPaths(std::filesystem::path subject);

    /// The inotify descriptor, to poll.
    int number() const noexcept { return inotify_.number(); }

    /// Watches the directory of `look`: its names, and, if `look` is about a
    /// parent, the content of its files. A directory that does not exist, or
    /// may not be read, is not watched. Throws Error if a limit of the kernel
    /// is reached.
    void watch(const std::filesystem::path& directory, const Look& look);
    /// Watches the target of `path`, which is relative to `directory`, and, if
    /// `look` is about a file, its content. Throws Error like watch().
    void follow(std::filesystem::path directory,
        const std::filesystem::path& path, const Look& look);
    /// Ends watch() and follow() for `look` and its parts. Returns the watches
    /// that were used for them. These continue until remove_unused(), unless
    /// they are used again: ending and starting a watch again would lose
    /// events.
    std::set<int> release(const Look& look);
    void remove_unused(const std::set<int>& watches);

    /// Takes a part of the queue and calls `handle` for each event. Returns
    /// the size of that part, 0 if the queue is empty. Never waits.
    std::size_t read(const std::function<void(const PathEvent&)>& handle);
    /// Drops the present contents of the queue, but not events that arrive
    /// during the call.
    void drop_queue();

private:
    /// The parts that are watched in a directory, by the name that matters. The
    /// empty name stands for all names.
    using Watch = std::map<std::string, std::set<Look>>;

    bool add(const std::filesystem::path& directory, const std::string& name,
        const Look& look, std::uint32_t mask);
    PathEvent event_of(
        int watch, const std::string& name, std::uint32_t mask) const;

    std::filesystem::path subject_;
    FileDescriptor inotify_;
    std::map<int, Watch> watches_;
    /// The watches of each Look, with the names under which they have it.
    std::map<Look, std::set<std::pair<int, std::string>>> watched_for_;
};

}
