// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store_watch.hpp"

#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "monitor_impl.hpp"
#include "name.hpp"
#include "store_layout.hpp"

#include <mdev/config_store.hpp>
#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <sys/inotify.h>

namespace mdev {

namespace {

/// For directories in the store. Files appear by linkat() (IN_CREATE), rename
/// (IN_MOVED_TO) or by an editor that writes in place (IN_CLOSE_WRITE, which
/// comes when the content is complete; IN_MODIFY would come for each write).
/// IN_ONLYDIR: a file that replaces the directory is not watched.
constexpr std::uint32_t file_changes = IN_CREATE | IN_MOVED_TO |
    IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR;
/// For directories above the store, such as /etc: only a new or lost name can
/// be the store. Without IN_CLOSE_WRITE, because every file that is written in
/// /etc would wake the reader.
constexpr std::uint32_t new_names =
    IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR;
/// The events after which a known file may have another content. Not IN_CREATE:
/// a new file is either known as new by then, or is reported as such.
constexpr std::uint32_t content_changes = IN_MOVED_TO | IN_CLOSE_WRITE;

/// The nearest existing directory: the store's own, or one above it, in which
/// the creation of the next directory can be seen.
std::filesystem::path existing(std::filesystem::path directory)
{
    while (!Directory::at(directory) && directory.has_parent_path() &&
        directory != directory.parent_path())
        directory = directory.parent_path();
    return directory;
}

/// Whether the last event is about the same file. One change makes several
/// inotify events (IN_CREATE and IN_CLOSE_WRITE, for example), of which one is
/// enough.
bool was_just_told(const std::vector<Event>& events, const std::string& parent,
    const Uuid& uuid)
{
    return !events.empty() && events.back().parent() == parent &&
        events.back().uuid() == uuid;
}

}

StoreWatch::StoreWatch(const Environment& env)
    : env_(env),
      inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
{
    if (!inotify_)
        throw kernel_error(
            "Cannot watch directory", env.definitions_directory());
    // The files that exist at the beginning are not events; they only become
    // known.
    std::vector<Event> present;
    look_at_root(present);
}

void StoreWatch::watch(const std::filesystem::path& directory,
    const std::string& parent, std::uint32_t mask)
{
    const int watch =
        inotify_add_watch(inotify_.number(), directory.c_str(), mask);
    if (watch >= 0)
        watched_[watch] = parent;
    // A directory that has disappeared, or may not be read, has nothing to
    // watch. A limit that is reached (ENOSPC,
    // /proc/sys/fs/inotify/max_user_watches) is an error: events would be
    // missing.
    else if (!is_missing(errno) && errno != EACCES)
        throw kernel_error("Cannot watch directory", directory);
}

void StoreWatch::read(std::vector<Event>& events)
{
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
    for (;;) {
        const auto got =
            ::read(inotify_.number(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return;
        if (got < 0)
            throw kernel_error(
                "Cannot watch directory", env_.definitions_directory());
        for (ssize_t at = 0; at < got;) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* name = buffer.data() + at + sizeof event;
            handle(event.wd, event.len > 0 ? name : "", event.mask, events);
            at += static_cast<ssize_t>(sizeof event + event.len);
        }
    }
}

void StoreWatch::current(std::vector<Event>& events)
{
    std::vector<Event> forgotten;
    read(forgotten);
    look_at_root(forgotten);
    for (const auto& [parent, uuid] : known_)
        events.push_back(make_event(EventKind::definition_added, parent, uuid));
}

void StoreWatch::handle(int watch, const std::string& name, std::uint32_t mask,
    std::vector<Event>& events)
{
    if ((mask & IN_Q_OVERFLOW) != 0) {
        events.push_back(make_event(EventKind::overflow, "", {}));
        // The lost events may have been about any directory.
        return look_at_root(events);
    }
    const auto watched = watched_.find(watch);
    if (watched == watched_.end())
        return;
    const auto parent = watched->second;
    // The directory is gone, and with it the watch.
    if ((mask & IN_IGNORED) != 0)
        watched_.erase(watched);
    const auto uuid = Uuid::parse(name);
    if (!name.empty() && is_hidden(name))
        return; // the lock, or a temporary file
    if (parent.empty())
        look_at_root(events);
    else if (uuid)
        look_at_file(parent, name, mask, events);
    else if (name.empty())
        look_at_parent(parent, events);
}

void StoreWatch::look_at_file(const std::string& parent,
    const std::string& name, std::uint32_t mask, std::vector<Event>& events)
{
    const auto uuid = Uuid::parse(name);
    const bool was_known = known_.contains({parent, *uuid});
    const auto directory = Directory::at(env_.definitions_directory() / parent);
    const bool is_there = directory && directory->exists(name);
    if (was_known && !is_there)
        look_at_parent(parent, events); // it may have another spelling
    else if (is_there && known_.emplace(parent, *uuid).second)
        events.push_back(make_event(EventKind::definition_added, parent, uuid));
    else if (is_there && (mask & content_changes) != 0 &&
        !was_just_told(events, parent, *uuid))
        events.push_back(
            make_event(EventKind::definition_changed, parent, uuid));
}

/// Watches every directory that exists, and reports what has appeared or
/// disappeared in them. Parents that are known but gone are compared as well:
/// their definitions have disappeared.
void StoreWatch::look_at_root(std::vector<Event>& events)
{
    const auto path = env_.definitions_directory();
    const auto found = existing(path);
    watch(found, "", found == path ? file_changes : new_names);
    std::set<std::string> parents;
    for (const auto& [parent, uuid] : known_)
        parents.insert(parent);
    if (const auto root = Directory::at(path))
        for (auto& parent : parents_in(*root))
            parents.insert(std::move(parent));
    for (const auto& parent : parents)
        look_at_parent(parent, events);
}

void StoreWatch::look_at_parent(
    const std::string& parent, std::vector<Event>& events)
{
    const auto path = env_.definitions_directory() / parent;
    // The watch comes before the look: what happens in between is seen twice,
    // and the comparison reports it once. The other order would miss it. A
    // watch on a directory that is watched already returns the same number.
    watch(path, parent, file_changes);
    Known now;
    const auto ignored = [](const std::string&) {};
    try {
        if (const auto directory = Directory::at(path))
            for (const auto& name : find_names(*directory, {ignored, ignored}))
                now.emplace(parent, name.uuid);
    } catch (const Error& error) {
        env_.log(LogLevel::warning, error.what());
    }
    compare(parent, now, events);
}

void StoreWatch::compare(
    const std::string& parent, const Known& now, std::vector<Event>& events)
{
    Known before;
    std::copy_if(known_.begin(), known_.end(),
        std::inserter(before, before.end()),
        [&](const auto& one) { return one.first == parent; });
    for (const auto& one : before)
        if (!now.contains(one)) {
            known_.erase(one);
            events.push_back(
                make_event(EventKind::definition_removed, parent, one.second));
        }
    for (const auto& one : now)
        if (known_.insert(one).second)
            events.push_back(
                make_event(EventKind::definition_added, parent, one.second));
}

}
