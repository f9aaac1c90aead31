// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store_watch.hpp"

#include "environment_impl.hpp"
#include "monitor_impl.hpp"
#include "name.hpp"
#include "store_layout.hpp"

#include <mdev/error.hpp>

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

namespace mdev {

namespace fs = std::filesystem;

namespace {

/// The events after which a known file may have another content, although it
/// has the same stamp: the clock of a file system ticks every few milliseconds.
constexpr std::uint32_t content_changes = IN_MOVED_TO | IN_CLOSE_WRITE;

/// How much of the queue one read() handles: about 1,000 events.
constexpr int parts_at_once = 4;

}

StoreWatch::StoreWatch(const Environment& env)
    : env_(env),
      paths_(env.definitions_directory())
{
    // The files that exist at the beginning are not events; they only become
    // known.
    std::vector<Event> present;
    look_at_store(present);
}

void StoreWatch::read(std::vector<Event>& events)
{
    reported_.clear();
    const auto handle_each = [&](const PathEvent& event) {
        handle(event, events);
    };
    for (int i = 0; i < parts_at_once && paths_.read(handle_each) > 0; ++i)
        ;
    look_at_pending(events);
}

void StoreWatch::current(std::vector<Event>& events)
{
    paths_.drop_queue();
    std::vector<Event> forgotten;
    store_is_pending_ = true;
    look_at_pending(forgotten);
    for (const auto& [parent, files] : known_)
        for (const auto& [uuid, stamp] : files)
            events.push_back(
                make_event(EventKind::definition_added, parent, uuid));
}

void StoreWatch::handle(const PathEvent& event, std::vector<Event>& events)
{
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
        events.push_back(make_event(EventKind::overflow, "", {}));
        // The lost events may have been about any directory.
        store_is_pending_ = true;
    }
    auto looks = event.paths;
    for (const auto& directory : event.directories)
        if (directory.parent.empty() && can_name_parent(event.name))
            looks.insert({event.name, ""});
        else if (!directory.parent.empty() && Uuid::parse(event.name))
            looks.insert({directory.parent, event.name});
    for (const auto& look : looks)
        take(look, event.mask, events);
}

/// Looks at a file at once. A directory waits until the other events have been
/// handled: 1,000 events then cost one look at it.
void StoreWatch::take(
    const Look& look, std::uint32_t mask, std::vector<Event>& events)
{
    if (look.parent.empty())
        store_is_pending_ = true;
    else if (look.file.empty())
        pending_parents_.insert(look.parent);
    else
        look_at_file(look, mask, events);
}

void StoreWatch::look_at_pending(std::vector<Event>& events)
{
    // After an Error, the next read() tries again.
    if (store_is_pending_)
        look_at_store(events);
    else
        for (const auto& parent : pending_parents_)
            look_at_parent(parent, events);
    store_is_pending_ = false;
    pending_parents_.clear();
}

/// Watches every directory on the way to the store and in it, and reports what
/// has appeared or disappeared. Parents that are known but gone are compared as
/// well: their definitions have disappeared.
void StoreWatch::look_at_store(std::vector<Event>& events)
{
    const auto before = paths_.release({});
    const auto path = env_.definitions_directory();
    // Directories above the root do not belong to the system that is watched.
    auto start = env_.root();
    if (!Directory::at(start))
        start = start.is_absolute() ? "/" : ".";
    paths_.follow(start, path.lexically_relative(start), {});
    paths_.watch(path, {});
    std::set<std::string> parents;
    for (const auto& [parent, files] : known_)
        parents.insert(parent);
    if (const auto root = Directory::at(path))
        for (auto& parent : parents_in(*root))
            parents.insert(std::move(parent));
    for (const auto& parent : parents)
        look_at_parent(parent, events);
    paths_.remove_unused(before);
}

void StoreWatch::look_at_parent(
    const std::string& parent, std::vector<Event>& events)
{
    const auto before = paths_.release({parent, ""});
    const auto path = env_.definitions_directory() / parent;
    // The watch comes before the look: what happens in between is seen twice,
    // and the comparison reports it once. The other order would miss it.
    std::error_code missing;
    if (fs::is_symlink(path, missing))
        paths_.follow(env_.definitions_directory(), parent, {parent, ""});
    paths_.watch(path, {parent, ""});
    Files now;
    const auto ignored = [](const std::string&) {};
    try {
        if (const auto directory = Directory::at(path))
            for (const auto& one : find_names(*directory, {ignored, ignored}))
                if (const auto stamp =
                        look_at_entry(*directory, {parent, one.name()}))
                    now.emplace(one.uuid, *stamp);
    } catch (const Error& error) {
        env_.log(LogLevel::warning, error.what());
    }
    paths_.remove_unused(before);
    compare(parent, now, events);
}

/// Reports how the file differs from the known definition. A file that is gone
/// may have another spelling, so that the whole directory must be checked.
void StoreWatch::look_at_file(
    const Look& look, std::uint32_t mask, std::vector<Event>& events)
try {
    const auto uuid = *Uuid::parse(look.file);
    const auto directory =
        Directory::at(env_.definitions_directory() / look.parent);
    if (!directory || !directory->exists(look.file)) {
        pending_parents_.insert(look.parent);
        return;
    }
    const auto name = find_name(*directory, uuid);
    if (!name || name->name() != look.file)
        return; // the file of another spelling counts
    const auto before = paths_.release(look);
    const auto stamp = look_at_entry(*directory, look);
    paths_.remove_unused(before);
    if (!stamp)
        return; // it is gone since, which is another event
    const auto [known, is_new] = known_[look.parent].emplace(uuid, *stamp);
    const bool may_differ =
        (mask & content_changes) != 0 || known->second != *stamp;
    known->second = *stamp;
    if (is_new)
        report(EventKind::definition_added, look.parent, uuid, events);
    else if (may_differ)
        report(EventKind::definition_changed, look.parent, uuid, events);
} catch (const Error& error) {
    // Not even the directory can be opened, which looking at it would report.
    env_.log(LogLevel::warning, error.what());
}

/// Returns the stamp of a definition; nothing if it does not exist (any more).
/// Watches what a link leads to.
std::optional<StoreWatch::Stamp> StoreWatch::look_at_entry(
    const Directory& directory, const Look& look)
{
    const auto stamp = stamp_of(directory, look.file);
    if (!stamp || !stamp->is_link)
        return stamp;
    paths_.follow(directory.path(), look.file, look);
    return stamp_of(directory, look.file); // after the watch
}

/// A link has the stamp of its target; all links without a target have the same
/// stamp.
std::optional<StoreWatch::Stamp> StoreWatch::stamp_of(
    const Directory& directory, const std::string& name)
{
    struct stat status {};
    if (fstatat(directory.number(), name.c_str(), &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return {};
    const bool is_link = S_ISLNK(status.st_mode);
    if (is_link && fstatat(directory.number(), name.c_str(), &status, 0) != 0)
        status = {};
    return Stamp{is_link, status.st_dev, status.st_ino, status.st_size,
        {status.st_mtim.tv_sec, status.st_mtim.tv_nsec}};
}

void StoreWatch::compare(
    const std::string& parent, const Files& now, std::vector<Event>& events)
{
    const auto before = std::exchange(known_[parent], now);
    for (const auto& [uuid, stamp] : before)
        if (!now.contains(uuid))
            report(EventKind::definition_removed, parent, uuid, events);
    for (const auto& [uuid, stamp] : now) {
        const auto known = before.find(uuid);
        if (known == before.end())
            report(EventKind::definition_added, parent, uuid, events);
        else if (known->second != stamp)
            report(EventKind::definition_changed, parent, uuid, events);
    }
    if (now.empty())
        known_.erase(parent);
}

/// One change makes several inotify events (IN_CREATE and IN_CLOSE_WRITE, for
/// example). After the first that is reported, others of the same file say
/// nothing new until the caller has got it.
void StoreWatch::report(EventKind kind, const std::string& parent,
    const Uuid& uuid, std::vector<Event>& events)
{
    const bool is_first = reported_.emplace(parent, uuid).second;
    if (is_first || kind != EventKind::definition_changed)
        events.push_back(make_event(kind, parent, uuid));
}

}
