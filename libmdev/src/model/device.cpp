// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_impl.hpp"
#include "device_users.hpp"
#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "name.hpp"
#include "removal.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <tuple>

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
        return known_device(env, uuid, std::move(parent), std::move(id));
    // The names were invalid because the links disappeared while they were
    // read.
    if (!devices.find(entry))
        return {};
    const auto path = (devices.path() / entry).string();
    throw Error(std::error_code(EINVAL, std::system_category()), {}, path,
        "Cannot tell the parent and type of " + path);
}

/// Explains why the kernel has refused an attribute; the kernel says only an
/// errno. EACCES comes even for root, for an attribute that has no store
/// method.
Error attribute_error(
    const Error& error, const std::string& device, const std::string& name)
{
    switch (error.cause().value()) {
    case ENOENT:
    case ENOTDIR:
        return with_context(
            error, "Device " + device + " has no attribute '" + name + "'");
    case EACCES:
        return with_context(error,
            "Attribute '" + name + "' of device " + device +
                " is not writable");
    case ELOOP:
    case EXDEV:
        return with_context(error,
            "Attribute '" + name + "' leaves the directory of device " +
                device);
    default: return error;
    }
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

Device::Device(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API std::optional<Device> Device::find(
    const Uuid& uuid, const Environment& env)
{
    const auto devices = Directory::at(env.devices_directory());
    if (!devices)
        return {};
    return read_device(env, *devices, uuid.string(), uuid);
}

DeviceList all_devices(const Environment& env)
{
    DeviceList list;
    const auto devices = Directory::at(env.devices_directory());
    if (!devices)
        return list;
    for (const auto& entry : devices->entries())
        append_device(list, env, *devices, entry.name);
    std::sort(list.devices.begin(), list.devices.end(),
        [](const Device& a, const Device& b) {
            return std::tie(a.parent(), a.uuid()) <
                std::tie(b.parent(), b.uuid());
        });
    return list;
}

MDEV_API std::vector<Device> Device::all(const Environment& env)
{
    return all_devices(env).devices;
}

MDEV_API const Uuid& Device::uuid() const noexcept
{
    return impl_->uuid;
}

MDEV_API const std::string& Device::parent() const noexcept
{
    return impl_->parent;
}

MDEV_API const std::string& Device::type_id() const noexcept
{
    return impl_->type_id;
}

MDEV_API fs::path Device::path() const
{
    return impl_->env.devices_directory() / impl_->uuid.string();
}

std::optional<Directory> Device::Impl::find_directory() const
{
    const auto devices = Directory::at(env.devices_directory());
    const auto entry = uuid.string();
    auto found = devices ? devices->find(entry) : std::nullopt;
    // Opened before the link is read: should the device be replaced in between,
    // the directory is that of the device that is gone, which does no harm.
    if (!found || parent_name(*devices, entry) != parent)
        return {};
    return found;
}

Directory Device::Impl::directory() const
{
    if (auto found = find_directory())
        return std::move(*found);
    throw Error(Errc::not_active, uuid.string(),
        "Device " + uuid.string() + " is not active on " + parent);
}

void Device::Impl::set_attribute(const Directory& directory,
    const std::string& name, std::string_view value) const
{
    check_attribute_name(name);
    try {
        write_attribute(env, directory, name, value);
    } catch (const Error& error) {
        throw attribute_error(error, uuid.string(), name);
    }
}

void Device::Impl::remove(
    const Directory& directory, std::chrono::milliseconds limit) const
{
    try {
        RemovalWait wait(env, uuid, directory, limit);
        if (!write_apart(env, directory, "remove", "1", std::ref(wait)))
            throw wait.error();
    } catch (const Error& error) {
        // ENOENT or ENODEV: another process has removed the device first. If
        // the device is still there, the missing file is something else.
        if (!is_missing(error.cause().value()) || find_directory())
            throw;
        throw Error(Errc::not_active, error.cause(), uuid.string(),
            "Device " + uuid.string() + " was removed meanwhile");
    }
}

MDEV_API void Device::set_attribute(
    std::string_view name, std::string_view value) const
{
    check_attribute_name(name);
    impl_->set_attribute(impl_->directory(), std::string(name), value);
}

MDEV_API std::vector<DeviceUser> Device::users() const
{
    return users_of(impl_->directory(), impl_->env.root() / "proc");
}

MDEV_API void Device::remove() const
{
    impl_->remove(impl_->directory(), std::chrono::milliseconds::max());
}

}
