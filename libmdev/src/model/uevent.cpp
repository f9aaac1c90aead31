// SPDX-License-Identifier: LGPL-2.1-or-later
#include "monitor_impl.hpp"
#include "name.hpp"

#include <algorithm>
#include <utility>

namespace mdev {

// Which uevents matter: `add` and `remove` of subsystem `mdev` for devices, and
// `change` with MDEV_STATE=registered or unregistered for parents, which belong
// to any subsystem. `bind` and `unbind` are ignored: a device is active without
// a driver as well. A `change` that udevadm replays has no MDEV_STATE.

namespace {

struct Uevent {
    std::string_view action;
    std::string_view path;
    std::string_view subsystem;
    std::string_view state;
};

/// Sets `value` to the text behind `key` if the field begins with `key`.
bool read_field(
    std::string_view field, std::string_view key, std::string_view& value)
{
    if (field.substr(0, key.size()) != key)
        return false;
    value = field.substr(key.size());
    return true;
}

Uevent split(std::string_view message)
{
    Uevent event;
    while (!message.empty()) {
        const auto field = message.substr(0, message.find('\0'));
        message.remove_prefix(std::min(field.size() + 1, message.size()));
        read_field(field, "ACTION=", event.action) ||
            read_field(field, "DEVPATH=", event.path) ||
            read_field(field, "SUBSYSTEM=", event.subsystem) ||
            read_field(field, "MDEV_STATE=", event.state);
    }
    return event;
}

/// Removes the last component from a path and returns it.
std::string_view take_component(std::string_view& path)
{
    const auto slash = path.rfind('/');
    if (slash == path.npos)
        return std::exchange(path, {});
    const auto name = path.substr(slash + 1);
    path.remove_suffix(name.size() + 1);
    return name;
}

std::optional<Event> device_event(
    std::string_view action, std::string_view path)
{
    // DEVPATH ends in PARENT/UUID; the event has no other field with the
    // parent.
    const auto uuid = Uuid::parse(take_component(path));
    const auto parent = take_component(path);
    if (!uuid || !is_component(parent))
        return {};
    if (action == "add")
        return make_event(EventKind::device_added, std::string(parent), uuid);
    if (action == "remove")
        return make_event(EventKind::device_removed, std::string(parent), uuid);
    return {};
}

std::optional<Event> parent_event(std::string_view state, std::string_view path)
{
    const auto parent = take_component(path);
    if (!is_component(parent))
        return {};
    if (state == "registered")
        return make_event(
            EventKind::parent_registered, std::string(parent), {});
    if (state == "unregistered")
        return make_event(
            EventKind::parent_unregistered, std::string(parent), {});
    return {};
}

}

std::optional<Event> parse_uevent(std::string_view message)
{
    const auto event = split(message);
    if (event.subsystem == "mdev")
        return device_event(event.action, event.path);
    if (event.action == "change" && !event.state.empty())
        return parent_event(event.state, event.path);
    return {};
}

}
