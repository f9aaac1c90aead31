// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_users.hpp"
#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "kernel_interface.hpp"
#include "name.hpp"
#include "removal.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>
#include <cerrno>
#include <tuple>

namespace mdev {

namespace fs = std::filesystem;

namespace {

/// Explains why the kernel has refused an attribute; the kernel says only an
/// errno. EACCES comes even for root, for an attribute that has no method for
/// `use`, which is "readable" or "writable".
Error attribute_error(const Error& error, const std::string& device,
    const std::string& name, const std::string& use)
{
    switch (error.cause().value()) {
    case ENOENT:
    case ENOTDIR:
        return with_context(
            error, "Device " + device + " has no attribute '" + name + "'");
    case EACCES:
        return with_context(error,
            "Attribute '" + name + "' of device " + device + " is not " + use);
    case ELOOP:
    case EXDEV:
        return with_context(error,
            "Attribute '" + name + "' leaves the directory of device " +
                device);
    default: return error;
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
    for (const auto* kernel : kernel_interfaces())
        if (auto device = kernel->find_device(env, uuid))
            return device;
    return {};
}

DeviceList all_devices(const Environment& env)
{
    DeviceList list;
    for (const auto* kernel : kernel_interfaces())
        kernel->append_devices(env, list);
    std::sort(list.devices.begin(), list.devices.end());
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

MDEV_API Framework Device::framework() const noexcept
{
    return impl_->kernel->framework();
}

MDEV_API fs::path Device::path() const
{
    return impl_->kernel->device_path(*impl_);
}

std::optional<Directory> Device::Impl::find_directory() const
{
    return kernel->find_directory(*this);
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
    if (!kernel->is_attribute(*this, name))
        throw Error(Errc::invalid_name, name,
            "'" + name + "' is not an attribute of device " + uuid.string() +
                ": writing to this file creates or removes a device");
    try {
        write_attribute(env, directory, name, value);
    } catch (const Error& error) {
        throw attribute_error(error, uuid.string(), name, "writable");
    }
}

void Device::Impl::remove(
    const Directory& directory, std::chrono::milliseconds limit) const
{
    try {
        kernel->remove(*this, directory, limit);
    } catch (const Error& error) {
        // Some drivers do not wait for the users of a device.
        if (error.code() == std::errc::device_or_resource_busy &&
            error.code().category() == std::system_category())
            throw in_use_error(uuid, users_of(directory, env.root() / "proc"),
                std::string(": ") + error.what(), error.cause());
        // ENOENT or ENODEV: another process has removed the device first, and
        // may have started the UUID again. If this device is still there, the
        // missing file is something else.
        const auto found = find_directory();
        if (!is_missing(error.cause().value()) ||
            (found && found->is_same(directory)))
            throw;
        throw Error(Errc::not_active, error.cause(), uuid.string(),
            "Device " + uuid.string() + " has been removed");
    }
}

MDEV_API fs::path Device::real_path() const
{
    return real_path_of(impl_->directory());
}

MDEV_API std::string Device::iommu_group() const
{
    return iommu_group_of(impl_->directory());
}

MDEV_API std::vector<fs::path> Device::device_files() const
{
    const auto files = vfio_files(impl_->directory());
    return {files.begin(), files.end()};
}

MDEV_API std::string Device::attribute(std::string_view name) const
{
    check_attribute_name(name);
    const std::string path(name);
    try {
        auto value = Sysfs::read_below(impl_->directory(), path);
        if (!value.empty() && value.back() == '\n')
            value.pop_back();
        return value;
    } catch (const Error& error) {
        throw attribute_error(error, impl_->uuid.string(), path, "readable");
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

namespace {

auto order(const Device& device)
{
    const auto& impl = Access::impl(device);
    return std::tie(impl.parent, impl.uuid, impl.type_id, impl.env.root());
}

}

MDEV_API bool operator==(const Device& a, const Device& b) noexcept
{
    return order(a) == order(b);
}

MDEV_API bool operator!=(const Device& a, const Device& b) noexcept
{
    return !(a == b);
}

MDEV_API bool operator<(const Device& a, const Device& b) noexcept
{
    return order(a) < order(b);
}

}
