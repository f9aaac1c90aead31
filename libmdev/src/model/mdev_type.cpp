// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_impl.hpp"
#include "device_users.hpp"
#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "mdev_type_impl.hpp"
#include "removal.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <cerrno>
#include <charconv>
#include <thread>

namespace mdev {

namespace {

/// Reads the attributes of one type. Each is opened by its path below the
/// directory of all types, so that the type's own directory need not be opened:
/// parents with dozens of types are common.
class TypeReader {
public:
    TypeReader(const Directory& types, const std::string& id)
        : types_(types),
          path_(id + "/")
    {
    }

    std::optional<std::string> optional(std::string_view attribute)
    {
        // One string serves all attributes, behind the first slash.
        path_.replace(path_.find('/') + 1, path_.npos, attribute);
        return Sysfs::read(types_, path_, buffer_);
    }

    std::string required(std::string_view attribute)
    {
        if (auto text = optional(attribute))
            return std::move(*text);
        throw kernel_error(ENOENT, "Cannot read", types_.path(), path_);
    }

private:
    const Directory& types_;
    std::string path_;
    std::string buffer_;
};

std::int64_t number_of_instances(
    const std::string& text, const Directory& types, const std::string& id)
{
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && at == end && number >= 0)
        return number;
    const auto path = (types.path() / id / "available_instances").string();
    throw Error(std::error_code(EINVAL, std::system_category()), path,
        path + " says '" + text + "', which is not a number of instances");
}

std::string joined_lines(std::string text)
{
    for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at))
        text.replace(at, 1, ", ");
    return text;
}

/// A full parent is ENOSPC or EUSERS, depending on whether the driver or the
/// mdev core counts. But what a driver lacks need not be what it counts: GVT-g
/// returns ENOSPC when its graphics memory is used up, whatever
/// `available_instances` says.
Error full_error(
    const Error& error, const MdevType& type, const Directory& directory)
{
    const auto on_parent = type.id() + " on " + type.parent();
    const auto left = Sysfs::read(directory, "available_instances");
    return with_meaning(error, Errc::no_instance_left,
        error.cause().value() == EUSERS || !left || *left == "0"
            ? "No instance of " + on_parent + " is left"
            : "The driver has no resources for another " + on_parent +
                ", although it says that " + *left +
                " can be made; the kernel's log may say what it lacks");
}

/// Whether the device's removal waits for its last user, or another process is
/// just creating the device: both look alike, but the second is soon over.
Error exists_error(const Error& error, const Environment& env, const Uuid& uuid)
{
    constexpr std::chrono::milliseconds patience_for_kernel(8);
    auto directory = directory_in_removal(env, uuid);
    for (std::chrono::milliseconds nap(1);
         directory && nap <= patience_for_kernel; nap *= 2) {
        std::this_thread::sleep_for(nap);
        directory = directory_in_removal(env, uuid);
    }
    if (!directory)
        return with_meaning(
            error, Errc::already_active, "Device already exists");
    auto users = users_of(*directory, env.root() / "proc");
    return with_users(
        with_meaning(error, Errc::in_use,
            "Device is being removed, and still in use" + by(users) +
                ": it can be started again when it is closed"),
        std::move(users));
}

/// Explains the errno of a failed write to `create` in the directory of a type.
/// EEXIST is checked by the kernel before the capacity, for all parents
/// together. The original errno stays in cause().
Error create_error(const Error& error, const Environment& env, const Uuid& uuid,
    const MdevType& type, const Directory& directory)
{
    switch (error.cause().value()) {
    case EEXIST: return exists_error(error, env, uuid);
    case ENOSPC:
    case EUSERS: return full_error(error, type, directory);
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

std::optional<MdevType> find_type(const Environment& env,
    const std::string& parent, const std::string& id, const Directory& types)
{
    TypeReader reader(types, id);
    const auto available = reader.optional("available_instances");
    // A missing type is nothing; a type without the file is an error. Both look
    // alike to the read, and the second look is rare.
    if (!available && !types.find(id))
        return {};
    Access::Impl<MdevType> type{env, id, parent, 0, {}, {}, {}};
    type.available_instances = number_of_instances(
        available ? *available : reader.required("available_instances"), types,
        id);
    type.device_api = reader.required("device_api");
    // Optional in Documentation/ABI/testing/sysfs-bus-vfio-mdev, as is
    // `description`.
    type.name = reader.optional("name").value_or("");
    type.description =
        joined_lines(reader.optional("description").value_or(""));
    return Access::make<MdevType>(std::move(type));
}

MDEV_API const std::string& MdevType::id() const noexcept
{
    return impl_->id;
}

MDEV_API const std::string& MdevType::parent() const noexcept
{
    return impl_->parent;
}

MDEV_API std::int64_t MdevType::available_instances() const noexcept
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
    return impl_->env.parents_directory() / impl_->parent /
        types_directory_name / impl_->id;
}

MDEV_API Device MdevType::create(const Uuid& uuid) const
{
    const auto directory = Directory::at(path());
    if (!directory)
        throw Error(Errc::no_such_type, path().string(),
            "Type " + impl_->id + " of " + impl_->parent + " is gone");
    try {
        // 36 bytes in one write and without a newline: the kernel takes each
        // write(2) as one attempt. The device exists when the write returns.
        write_attribute(impl_->env, *directory, "create", uuid.string());
    } catch (const Error& error) {
        throw create_error(error, impl_->env, uuid, *this, *directory);
    }
    return known_device(impl_->env, uuid, impl_->parent, impl_->id);
}

json::object flat_json(const MdevType& type)
{
    json::object object;
    object["id"] = type.id();
    object["name"] = type.name();
    object["description"] = type.description();
    object["device_api"] = type.device_api();
    object["available_instances"] = type.available_instances();
    return object;
}

}
