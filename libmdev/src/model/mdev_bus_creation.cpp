// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_users.hpp"
#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "mdev_bus.hpp"
#include "removal.hpp"
#include "sysfs.hpp"

#include <mdev/error.hpp>

#include <cerrno>
#include <thread>

namespace mdev {

namespace {

/// A full parent is ENOSPC or EUSERS, depending on whether the driver or the
/// mdev core counts. A driver may lack a resource that it does not count: GVT-g
/// returns ENOSPC when its graphics memory is used up, whatever
/// `available_instances` is.
Error full_error(
    const Error& error, const MdevType& type, const Directory& directory)
{
    const auto on_parent = type.id() + " on " + type.parent();
    const auto left = Sysfs::read(directory, "available_instances");
    return with_meaning(error, Errc::no_instance_left,
        error.cause().value() == EUSERS || !left || *left == "0"
            ? "No available instance of " + on_parent
            : "The driver has no resources for another " + on_parent +
                ", although available_instances is " + *left +
                "; dmesg may show the reason");
}

/// Whether the device's removal waits for its last user, or another process is
/// just creating the device: the kernel's answer is the same, but the creation
/// ends soon.
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
    const auto sentence = "Device is being removed, but is still in use" +
        by(users) + "; start it again after it has been closed";
    return with_users(
        with_meaning(error, Errc::in_use, sentence), std::move(users));
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
                "; dmesg may show the reason");
    case ENODEV:
        return with_context(
            error, "Parent " + type.parent() + " is being removed");
    default: return error;
    }
}

}

void MdevBus::create(const MdevType& type, const Uuid& uuid) const
{
    const auto& env = Access::impl(type).env;
    const auto path = type.path().string();
    const auto directory = Directory::at(path);
    if (!directory)
        throw Error(Errc::no_such_type, path,
            "Type " + type.id() + " of " + type.parent() + " no longer exists");
    try {
        // 36 bytes in one write and without a newline: the kernel takes each
        // write(2) as one attempt. The device exists when the write returns.
        write_attribute(env, *directory, "create", uuid.string());
    } catch (const Error& error) {
        throw create_error(error, env, uuid, type, *directory);
    }
}

void MdevBus::check_create(const MdevType& type) const
{
    check_writable(type.path() / "create");
}

Error MdevBus::no_instance_error(const MdevType& type) const
{
    return {Errc::no_instance_left, type.parent(),
        "No available instances of " + type.id() + " on " + type.parent()};
}

}
