// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_impl.hpp"
#include "environment_access.hpp"
#include "kernel_error.hpp"
#include "mdev_type_impl.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <cerrno>
#include <charconv>

namespace mdev {

namespace {

std::string required(const Directory& directory, const std::string& attribute)
{
    if (auto text = Sysfs::read(directory, attribute))
        return *text;
    throw kernel_error(ENOENT, "Cannot read", directory.path(), attribute);
}

long number(const Directory& directory, const std::string& attribute)
{
    const auto text = required(directory, attribute);
    long number = 0;
    const auto* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && at == end && number >= 0)
        return number;
    const auto path = (directory.path() / attribute).string();
    throw Error(std::error_code(EINVAL, std::system_category()), path,
        path + " says '" + text + "', which is not a number of instances");
}

std::string joined_lines(std::string text)
{
    for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at))
        text.replace(at, 1, ", ");
    return text;
}

/// What the kernel means when it refuses to make a device.
Error create_error(const Error& error, const MdevType& type)
{
    switch (error.cause().value()) {
    case EEXIST:
        return with_meaning(error, Errc::already_active,
            "Device already exists, or its removal still waits for its last "
            "user");
    case ENOSPC:
    case EUSERS:
        return with_meaning(error, Errc::no_instance_left,
            "No instance of " + type.id() + " on " + type.parent() +
                " is left");
    case EINVAL:
        return with_context(error,
            "The driver of " + type.parent() + " refuses a " + type.id() +
                ", the kernel's log may say why");
    case ENODEV:
        return with_context(
            error, "Parent " + type.parent() + " is going away");
    default: return error;
    }
}

}

MdevType::MdevType(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MdevType MdevTypeAccess::read(const Environment& env, const std::string& parent,
    const std::string& id, const Directory& directory)
{
    return MdevType(std::make_shared<const MdevType::Impl>(MdevType::Impl{env,
        id, parent, directory.path(), number(directory, "available_instances"),
        required(directory, "device_api"),
        Sysfs::read(directory, "name").value_or(""),
        joined_lines(Sysfs::read(directory, "description").value_or(""))}));
}

MDEV_API const std::string& MdevType::id() const noexcept
{
    return impl_->id;
}

MDEV_API const std::string& MdevType::parent() const noexcept
{
    return impl_->parent;
}

MDEV_API long MdevType::available_instances() const noexcept
{
    return impl_->available_instances;
}

MDEV_API const std::string& MdevType::device_api() const noexcept
{
    return impl_->device_api;
}

MDEV_API const std::string& MdevType::name() const noexcept
{
    return impl_->name;
}

MDEV_API const std::string& MdevType::description() const noexcept
{
    return impl_->description;
}

MDEV_API std::filesystem::path MdevType::path() const
{
    return impl_->path;
}

MDEV_API Device MdevType::create(const Uuid& uuid) const
{
    const auto directory = Directory::at(impl_->path);
    if (!directory)
        throw Error(Errc::no_such_type, impl_->path.string(),
            "Type " + impl_->id + " of " + impl_->parent + " is gone");
    try {
        sysfs(impl_->env).write(*directory, "create", uuid.string());
    } catch (const Error& error) {
        throw create_error(error, *this);
    }
    return DeviceAccess::made(impl_->env, uuid, impl_->parent, impl_->id);
}

}
