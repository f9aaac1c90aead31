// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store_watch.hpp"

#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "monitor_impl.hpp"
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

constexpr std::uint32_t file_changes = IN_CREATE | IN_MOVED_TO |
    IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR;
constexpr std::uint32_t new_names =
    IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR;
constexpr std::uint32_t content_changes = IN_MOVED_TO | IN_CLOSE_WRITE;

/// The nearest directory that there is, so that the store's own can be seen
/// when it is made.
std::filesystem::path existing(std::filesystem::path directory)
{
    while (!Directory::at(directory) && directory.has_parent_path() &&
        directory != directory.parent_path())
        directory = directory.parent_path();
    return directory;
}

/// Writing a file makes several events, of which one is enough.
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
        return look_at_root(events);
    }
    const auto watched = watched_.find(watch);
    if (watched == watched_.end())
        return;
    const auto parent = watched->second;
    if ((mask & IN_IGNORED) != 0)
        watched_.erase(watched);
    const auto uuid = Uuid::parse(name);
    if (!name.empty() && is_hidden(name))
        return; // our lock, or what is not a definition yet
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

/// Watches what there is to watch, and sees what came and went meanwhile.
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
    // First the watch, then the look: what comes in between is seen twice,
    // and not missed.
    watch(path, parent, file_changes);
    Known now;
    try {
        if (const auto directory = Directory::at(path))
            for (const auto& entry : directory->entries())
                if (const auto uuid = Uuid::parse(entry.name))
                    now.emplace(parent, *uuid);
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
