// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_users.hpp"
#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "removal.hpp"
#include "sysfs.hpp"
#include "vendor_vfio.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <cerrno>

namespace mdev {

// Writes to virtual functions. The note is written before the type, so that no
// process sees the device without its UUID, and the type is read back: some
// drivers accept a number and then leave 0.

namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_tries(250);
/// How long a driver may still be busy after a virtual machine has ended and no
/// process has the function open any more.
constexpr milliseconds patience_for_driver(2500);

bool is_busy(int error)
{
    return error == EBUSY || error == EAGAIN;
}

std::vector<DeviceUser> users(
    const Environment& env, const VirtualFunction& function)
{
    return users_of(function.directory(), env.root() / "proc");
}

/// A process may have opened the function since it was looked at.
Error busy_error(
    const Error& error, const Environment& env, const VirtualFunction& function)
{
    auto found = users(env, function);
    const auto sentence =
        "The driver is busy with function " + function.name() + by(found);
    return with_users(
        with_meaning(error, Errc::in_use, sentence), std::move(found));
}

/// Explains why the driver has refused a type; the drivers of one vendor have
/// different errnos for the same reason.
Error type_error(const Error& error, const Environment& env,
    const VirtualFunction& function, const std::string& type_id)
{
    const auto& name = function.name();
    const auto cause = error.cause().value();
    if (is_busy(cause))
        return busy_error(error, env, function);
    if (cause == ENODEV && !VirtualFunction::find(env, name))
        return with_meaning(error, Errc::no_such_parent,
            "Function " + name + " no longer exists");
    if (cause == ENODEV)
        return with_context(error,
            "The driver of " + name + " does not know " + type_id +
                ", or is being unloaded");
    // The function may have changed since it was checked.
    const auto offered = function.offered();
    const bool is_offered = std::any_of(offered.begin(), offered.end(),
        [&](const VendorType& type) { return type.id == type_id; });
    if (!is_offered || !function.current().empty() || cause == ENOSPC)
        return with_meaning(error, Errc::no_instance_left,
            refusal(env, function, type_id).what());
    return with_context(error,
        "The driver of " + name + " refuses a " + type_id +
            "; dmesg may show the reason");
}

VirtualFunction require_function(
    const Environment& env, const std::string& parent)
{
    if (auto function = VirtualFunction::find(env, parent))
        return std::move(*function);
    throw Error(Errc::no_such_parent, parent,
        "Function " + parent + " no longer exists");
}

void check_free(const Environment& env, const VirtualFunction& function,
    const MdevType& type, const std::optional<Uuid>& uuid = {})
{
    // Another process was faster, for example because udev reported a parent
    // twice.
    if (const auto note = function.valid_note(); note && note->uuid == uuid)
        throw Error(
            Errc::already_active, uuid->string(), "Device already exists");
    const auto offered = function.offered();
    if (!function.current().empty() ||
        std::none_of(offered.begin(), offered.end(),
            [&](const VendorType& each) { return each.id == type.id(); }))
        throw refusal(env, function, type.id());
    // Left by a virtual machine whose device was cleared: its end would clear
    // the new device.
    auto found = users(env, function);
    const auto sentence = "Function " + function.name() +
        " has no device, but is in use" + by(found);
    if (!found.empty())
        throw with_users(
            {Errc::in_use, function.name(), sentence}, std::move(found));
}

/// The function does not have the written type; some drivers do not report
/// this.
Error not_written(const VirtualFunction& function, const std::string& what,
    const std::string& now)
{
    const std::error_code code(EIO, std::system_category());
    return {code, code, function.name(),
        what + ", but function " + function.name() + " has " +
            (now.empty() ? "no type" : now) + "; dmesg may show the reason"};
}

/// Makes sure that no other function is known to have the UUID, as the kernel
/// does for mediated devices. `parent` has a note with it already: of two
/// processes that start the same UUID on two functions, one at least sees the
/// note of the other. Throws Error (Errc::already_active).
void claim(const Environment& env, const std::string& parent, const Uuid& uuid)
{
    const auto taken = [&](const std::string& why) {
        const std::error_code cause(EEXIST, std::system_category());
        return Error(Errc::already_active, cause, uuid.string(), why);
    };
    for (const auto& other : noted_parents(env)) {
        const auto note =
            other == parent ? std::nullopt : read_note(env, other);
        if (!note || note->uuid != uuid)
            continue;
        // The process that has the lock may be about to start this device.
        const auto lock = try_lock_function(env, other);
        const auto function = VirtualFunction::find(env, other);
        if (!lock || (function && function->valid_note()))
            throw taken("Device exists under different parent '" + other + "'");
        // The note would become valid again if another program gave the
        // function that type.
        remove_note(env, other);
    }
    if (const auto function = VirtualFunction::find_by_address(env, uuid);
        function && function->name() != parent)
        throw taken(
            "The UUID is reserved for devices that other programs create on " +
            function->name() + "; choose another UUID");
}

/// The function, if it still is what the caller means: with the same UUID and
/// type, in the same directory. Throws Error (Errc::not_active).
VirtualFunction require_same(
    const Access::Impl<Device>& device, const Directory& directory)
{
    auto function = VirtualFunction::find(device.env, device.parent);
    const auto now = function && function->identity() == identity_of(directory)
        ? function->device()
        : std::nullopt;
    const auto subject = device.uuid.string();
    if (!now)
        throw Error(Errc::not_active, subject, "Device is no longer active");
    if (*now != FunctionDevice{device.uuid, device.type_id})
        throw Error(Errc::not_active, subject,
            "Device is no longer active: function " + device.parent +
                " now has type " + now->type_id + " (device " +
                now->uuid.string() + ")");
    return std::move(*function);
}

/// Waits until no process has the function open; it is the same until then.
/// Throws Error: Errc::in_use, at once if there is no limit; Errc::cancelled;
/// Errc::not_active.
void wait_until_closed(const Access::Impl<Device>& device,
    const Directory& directory, milliseconds limit)
{
    const auto cancel = cancellation(device.env);
    const Deadline deadline(
        limit == milliseconds::max() ? milliseconds(0) : limit);
    for (;;) {
        auto found = users(device.env, require_same(device, directory));
        if (found.empty())
            return;
        if (deadline.has_passed())
            throw in_use_error(device.uuid, std::move(found), "");
        if (cancel.is_requested_within(between_tries))
            throw cancel.error("Waiting until the device is closed" + by(found),
                device.uuid.string());
    }
}

/// Clears the function, if it is the same at each try.
void clear(const Access::Impl<Device>& device, const Directory& directory,
    milliseconds limit)
{
    const auto cancel = cancellation(device.env);
    for (const Deadline deadline(patience_for_driver);;) {
        const auto function = require_same(device, directory);
        const auto& files = function.files();
        try {
            RemovalWait wait(
                device.env, device.uuid, function.directory(), limit);
            if (!write_apart(device.env, function.directory(),
                    std::string(files.current_file), files.nothing,
                    std::ref(wait)))
                throw wait.error();
            return;
        } catch (const Error& error) {
            if (!is_busy(error.cause().value()))
                throw;
            if (users(device.env, function).empty() && !deadline.has_passed() &&
                !cancel.is_requested_within(between_tries))
                continue;
            throw busy_error(error, device.env, function);
        }
    }
}

}

void VendorVfio::create(const MdevType& type, const Uuid& uuid) const
{
    const auto& env = Access::impl(type).env;
    const auto parent = type.parent();
    const auto lock = lock_function(env, parent);
    const auto function = require_function(env, parent);
    check_free(env, function, type, uuid);
    write_note(env, parent,
        {uuid, type.id(), function.identity(),
            known_types(env, function.siblings())});
    const auto& files = function.files();
    try {
        claim(env, parent, uuid);
    } catch (const Error&) {
        remove_note(env, parent);
        throw;
    }
    try {
        write_attribute(env, function.directory(),
            std::string(files.current_file), files.written(type.id()));
    } catch (const Error& error) {
        const auto now = VirtualFunction::find(env, parent);
        if (!now || now->current() != type.id())
            remove_note(env, parent);
        throw type_error(error, env, function, type.id());
    }
    if (const auto now = function.current(); now != type.id()) {
        remove_note(env, parent);
        throw not_written(function, "The driver accepted " + type.id(), now);
    }
}

void VendorVfio::check_create(const MdevType& type) const
{
    const auto& env = Access::impl(type).env;
    const auto function = require_function(env, type.parent());
    check_free(env, function, type);
    check_writable(function.directory().path() / function.files().current_file);
}

void VendorVfio::check_remove(const Access::Impl<Device>& device) const
{
    const auto function = require_function(device.env, device.parent);
    check_writable(function.directory().path() / function.files().current_file);
}

void VendorVfio::remove(const Access::Impl<Device>& device,
    const Directory& directory, milliseconds limit) const
{
    const auto lock = lock_function(device.env, device.parent);
    wait_until_closed(device, directory, limit);
    clear(device, directory, limit);
    const auto function = VirtualFunction::find(device.env, device.parent);
    const bool is_same =
        function && function->identity() == identity_of(directory);
    const auto now = is_same ? function->device() : std::nullopt;
    // Somebody may have created another device since then.
    if (now == FunctionDevice{device.uuid, device.type_id})
        throw not_written(*function,
            "The driver accepted the removal of the device", now->type_id);
    remove_note(device.env, device.parent);
}

}
