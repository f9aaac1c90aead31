// SPDX-License-Identifier: LGPL-2.1-or-later
#include "watched_paths.hpp"

#include "kernel_error.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vector>

namespace mdev {

namespace fs = std::filesystem;

namespace {

/// For all directories: a name appears or disappears, the directory itself is
/// renamed or removed. IN_ONLYDIR: a file that replaces the directory is not
/// watched. IN_MASK_ADD: the directory may be watched for another Look already.
constexpr std::uint32_t new_names = IN_CREATE | IN_MOVED_TO | IN_DELETE |
    IN_MOVED_FROM | IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR | IN_MASK_ADD;
/// For directories with files whose content matters. An editor that writes in
/// place makes IN_CLOSE_WRITE when the content is complete; IN_MODIFY would
/// come for each write. Not for other directories: every file that is written
/// in /etc would wake the reader.
constexpr std::uint32_t file_changes = new_names | IN_CLOSE_WRITE;

/// How many links the kernel follows in one path.
constexpr int most_links = 40;

/// The components of a path, the first one last.
std::vector<std::string> reversed(const fs::path& path)
{
    std::vector<std::string> components;
    for (const auto& component : path.relative_path())
        if (!component.empty() && component != ".")
            components.push_back(component);
    std::reverse(components.begin(), components.end());
    return components;
}

}

WatchedPaths::WatchedPaths(fs::path subject)
    : subject_(std::move(subject)),
      inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
{
    if (!inotify_)
        throw kernel_error("Cannot watch directory", subject_);
}

/// Returns false if there is no such directory.
bool WatchedPaths::add(const fs::path& directory, const std::string& name,
    const Look& look, std::uint32_t mask)
{
    const int watch =
        inotify_add_watch(inotify_.number(), directory.c_str(), mask);
    if (watch >= 0) {
        watches_[watch][name].insert(look);
        watched_for_[look].emplace(watch, name);
        return true;
    }
    if (is_missing(errno) || errno == ELOOP)
        return false;
    // A directory that may not be read cannot be watched, but those below it
    // may be. A limit that is reached (ENOSPC,
    // /proc/sys/fs/inotify/max_user_watches) is an error: events would be
    // missing.
    if (errno != EACCES)
        throw kernel_error("Cannot watch directory", directory);
    return true;
}

void WatchedPaths::watch(const fs::path& directory, const Look& look)
{
    add(directory, "", look, look.parent.empty() ? new_names : file_changes);
}

void WatchedPaths::follow(
    fs::path directory, const fs::path& path, const Look& look)
{
    auto left = reversed(path);
    for (int links = 0; !left.empty() && links <= most_links;) {
        const auto name = std::move(left.back());
        left.pop_back();
        // The watch comes before the look at the name: what changes afterwards
        // makes an event.
        if (!add(directory, name, look, new_names))
            return;
        std::error_code no_link;
        const auto target = fs::read_symlink(directory / name, no_link);
        if (no_link) {
            if (left.empty() && !look.file.empty())
                add(directory, name, look, file_changes);
            directory /= name;
            continue;
        }
        ++links;
        for (auto& component : reversed(target))
            left.push_back(std::move(component));
        if (target.is_absolute())
            directory = "/";
    }
}

std::set<int> WatchedPaths::release(const Look& look)
{
    std::set<int> watches;
    auto at = watched_for_.lower_bound(look);
    // The parts of a Look follow it.
    while (at != watched_for_.end() &&
        (look.parent.empty() || at->first.parent == look.parent) &&
        (look.file.empty() || at->first.file == look.file)) {
        for (const auto& [watch, name] : at->second) {
            watches.insert(watch);
            const auto found = watches_.find(watch);
            if (found == watches_.end())
                continue;
            auto& looks = found->second[name];
            looks.erase(at->first);
            if (looks.empty())
                found->second.erase(name);
        }
        at = watched_for_.erase(at);
    }
    return watches;
}

void WatchedPaths::remove_unused(const std::set<int>& watches)
{
    for (const int watch : watches) {
        const auto found = watches_.find(watch);
        if (found == watches_.end() || !found->second.empty())
            continue;
        inotify_rm_watch(inotify_.number(), watch);
        watches_.erase(found);
    }
}

std::size_t WatchedPaths::read(
    const std::function<void(const PathEvent&)>& handle)
{
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    ssize_t got = 0;
    do
        got = ::read(inotify_.number(), buffer.data(), buffer.size());
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got < 0)
        throw kernel_error("Cannot watch directory", subject_);
    for (ssize_t at = 0; at < got;) {
        inotify_event event{};
        std::memcpy(&event, buffer.data() + at, sizeof event);
        const char* name = buffer.data() + at + sizeof event;
        at += static_cast<ssize_t>(sizeof event + event.len);
        const auto seen =
            event_of(event.wd, event.len > 0 ? name : "", event.mask);
        // The directory is gone, and with it the watch.
        if ((event.mask & IN_IGNORED) != 0)
            watches_.erase(event.wd);
        handle(seen);
    }
    return static_cast<std::size_t>(got);
}

void WatchedPaths::drop_queue()
{
    int queued = 0;
    if (ioctl(inotify_.number(), FIONREAD, &queued) != 0)
        return;
    for (auto left = static_cast<std::size_t>(queued); left > 0;) {
        const auto dropped = read([](const PathEvent&) {});
        if (dropped == 0)
            return;
        left -= std::min(left, dropped);
    }
}

PathEvent WatchedPaths::event_of(
    int watch, const std::string& name, std::uint32_t mask) const
{
    PathEvent event{mask, name, {}, {}};
    const auto watched = watches_.find(watch);
    if (watched == watches_.end())
        return event;
    const auto take = [&](const std::string& counting, std::set<Look>& looks) {
        const auto found = watched->second.find(counting);
        if (found != watched->second.end())
            looks.insert(found->second.begin(), found->second.end());
    };
    if (!name.empty()) {
        take("", event.directories);
        take(name, event.paths);
        return event;
    }
    for (const auto& each : watched->second)
        event.paths.insert(each.second.begin(), each.second.end());
    return event;
}

}
