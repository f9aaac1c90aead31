// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_bus.hpp"

#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "name.hpp"
#include "removal.hpp"
#include "sysfs.hpp"

#include <mdev/error.hpp>

#include <cerrno>
#include <thread>

namespace mdev {

// A device is an entry of /sys/bus/mdev/devices, a link to the device's
// directory in that of its parent; `mdev_type` in there links to the type. Both
// names come from the text of the links, because resolving a sysfs path takes a
// system call for each of its components. The kernel's files are described in
// its Documentation/ABI/testing/sysfs-bus-vfio-mdev.
//
// A device may disappear, and one may be half made, at any moment of a look.
// The first is an absence. The second is waited for, very shortly.

namespace fs = std::filesystem;

namespace {

/// False for an entry that has disappeared; false and a warning for one that
/// cannot be opened.
bool is_listed_directory(
    const Directory& parents, const std::string& name, const Environment& env)
try {
    return parents.has_directory(name);
} catch (const Error& error) {
    env.log(LogLevel::warning, error.what());
    return false;
}

/// The last component of a path, without the last `skip` ones; empty if there
/// is none.
std::string component(const std::string& path, int skip)
{
    auto end = path.size();
    for (; skip > 0 && end != path.npos; --skip)
        end = end == 0 ? path.npos : path.rfind('/', end - 1);
    if (end == path.npos || end == 0)
        return {};
    const auto slash = path.rfind('/', end - 1);
    const auto begin = slash == path.npos ? 0 : slash + 1;
    return path.substr(begin, end - begin);
}

/// The name of the directory that contains the device's directory. The kernel's
/// links end in PARENT/UUID; a tree of another kind, such as a copy made for
/// tests, may have directories or other links, whose real path is then asked
/// for.
std::string parent_name(const Directory& devices, const std::string& entry)
{
    const auto target = devices.link_target(entry);
    auto name = target ? component(*target, 1) : std::string();
    if (is_component(name))
        return name;
    std::error_code error;
    const auto real = fs::canonical(devices.path() / entry, error);
    return component(real.string(), 1);
}

/// Reads the link to the type; nothing if the device does not exist (any more).
///
/// The kernel shows a device before its `mdev_type`, and removes the link
/// before the device, so that a device without a link is usually one in
/// between. It is looked at five times, with pauses of 1, 2, 4 and 8 ms (15 ms
/// in all): creating or removing a device takes a few. A device that still has
/// no type then is broken, which is an error.
std::optional<std::string> type_link(
    const Directory& devices, const std::string& entry)
{
    constexpr std::chrono::milliseconds patience_for_kernel(8);
    for (std::chrono::milliseconds nap(1);; nap *= 2) {
        auto link = devices.link_target(entry + "/mdev_type");
        if (link || !devices.find(entry))
            return link;
        if (nap > patience_for_kernel)
            throw kernel_error(
                ENOENT, "Cannot read", devices.path() / entry, "mdev_type");
        std::this_thread::sleep_for(nap);
    }
}

/// Nothing if the device does not exist (any more). Throws Error if the kernel
/// shows a device whose parent or type has no valid name.
std::optional<Device> read_device(const Environment& env,
    const Directory& devices, const std::string& entry, const Uuid& uuid)
{
    const auto type = type_link(devices, entry);
    if (!type)
        return {};
    auto parent = parent_name(devices, entry);
    auto id = component(*type, 0);
    if (is_component(parent) && is_component(id))
        return known_device(
            mdev_bus(), env, uuid, std::move(parent), std::move(id));
    // The names were invalid because the links disappeared while they were
    // read.
    if (!devices.find(entry))
        return {};
    const auto path = (devices.path() / entry).string();
    throw Error(std::error_code(EINVAL, std::system_category()), {}, path,
        "Cannot determine the parent and type of " + path);
}

/// Appends a device; one that cannot be read is warned of. Entries that are not
/// UUIDs are ignored: the bus is the kernel's.
void append_device(DeviceList& list, const Environment& env,
    const Directory& devices, const std::string& entry)
{
    const auto uuid = Uuid::parse(entry);
    if (!uuid)
        return;
    try {
        if (auto device = read_device(env, devices, entry, *uuid))
            list.devices.push_back(std::move(*device));
    } catch (const Error& error) {
        list.unread.insert(*uuid);
        env.log(LogLevel::warning, error.what());
    }
}

}

const KernelInterface& mdev_bus()
{
    static const MdevBus bus;
    return bus;
}

Framework MdevBus::framework() const noexcept
{
    return Framework::mdev;
}

std::vector<std::string> MdevBus::parents(const Environment& env) const
{
    std::vector<std::string> names;
    const auto directory = Directory::at(env.parents_directory());
    if (!directory)
        return names;
    for (auto& entry : directory->entries())
        // Entries of this class are links, so the kind is `other`.
        if (entry.kind != EntryKind::file &&
            is_listed_directory(*directory, entry.name, env))
            names.push_back(std::move(entry.name));
    return names;
}

bool MdevBus::has_parent(
    const Environment& env, const std::string& parent) const
{
    return Directory::working().has_directory(parent_path(env, parent));
}

fs::path MdevBus::parent_path(
    const Environment& env, const std::string& parent) const
{
    return env.parents_directory() / parent;
}

std::optional<Device> MdevBus::find_device(
    const Environment& env, const Uuid& uuid) const
{
    return read_device(env, Directory::working(),
        env.devices_directory() / uuid.string(), uuid);
}

void MdevBus::append_devices(const Environment& env, DeviceList& list) const
{
    const auto devices = Directory::at(env.devices_directory());
    if (!devices)
        return;
    for (const auto& entry : devices->entries())
        append_device(list, env, *devices, entry.name);
}

std::vector<Device> MdevBus::devices_of(
    const Environment& env, const std::string& parent) const
{
    DeviceList list;
    const auto directory = Directory::at(parent_path(env, parent));
    const auto devices = Directory::at(env.devices_directory());
    if (!directory || !devices)
        return {};
    // A device that is being removed still has its directory here, and is no
    // longer on the bus.
    for (const auto& entry : directory->entries())
        append_device(list, env, *devices, entry.name);
    std::erase_if(list.devices,
        [&](const Device& device) { return device.parent() != parent; });
    return std::move(list.devices);
}

fs::path MdevBus::device_path(const Access::Impl<Device>& device) const
{
    return device.env.devices_directory() / device.uuid.string();
}

std::optional<Directory> MdevBus::find_directory(
    const Access::Impl<Device>& device) const
{
    const auto path = device_path(device).string();
    auto found = Directory::at(path);
    // Opened before the link is read: should the device be replaced in between,
    // the directory is that of the device that is gone, which does no harm.
    if (!found || parent_name(Directory::working(), path) != device.parent)
        return {};
    return found;
}

bool MdevBus::is_attribute(
    const Access::Impl<Device>&, const std::string& name) const
{
    // The kernel's file that ends the device.
    return name != "remove";
}

void MdevBus::remove(const Access::Impl<Device>& device,
    const Directory& directory, std::chrono::milliseconds limit) const
{
    RemovalWait wait(device.env, device.uuid, directory, limit);
    if (!write_apart(device.env, directory, "remove", "1", std::ref(wait)))
        throw wait.error();
}

void MdevBus::check_remove(const Access::Impl<Device>& device) const
{
    check_writable(device_path(device) / "remove");
}

bool MdevBus::is_in_removal(
    const Environment& env, const std::string& parent, const Uuid& uuid) const
{
    // A device that is being removed is not on the bus any more, but keeps its
    // directory below the parent, and its UUID, until the last process closes
    // it.
    std::error_code error;
    return fs::exists(parent_path(env, parent) / uuid.string(), error);
}

}
