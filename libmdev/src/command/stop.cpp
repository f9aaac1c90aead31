// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_impl.hpp"
#include "device_users.hpp"
#include "environment_impl.hpp"
#include "kernel_interface.hpp"
#include "manager_impl.hpp"
#include "removal.hpp"
#include "unfinished_start.hpp"

#include <mdev/export.hpp>

#include <algorithm>

namespace mdev {

namespace {

/// Whether no process is seen to have the device open.
bool is_free(const Device& device, const Environment& env)
{
    const auto directory = Directory::at(device.path());
    return !directory || users_of(*directory, env.root() / "proc").empty();
}

}

/// The device as its scripts see it, with the start mode of its definition. A
/// broken definition does not prevent the device from being stopped.
ScriptSubject Manager::Impl::subject_of(const Device& device) const
{
    auto start = StartMode::manual;
    try {
        if (const auto stored = store.find(device.uuid(), device.parent()))
            start = stored->start();
    } catch (const Error& error) {
        env.log(LogLevel::warning, error.what());
    }
    return ScriptSubject(device, start);
}

/// Throws Error (Errc::in_use) if the device is open and the caller does not
/// want to wait. A virtual function that is open is never removed; the command
/// waits for it only with a time limit.
void Manager::Impl::check_can_stop(const Device& device) const
{
    const bool waits = in_use == InUse::wait &&
        (device.framework() == Framework::mdev ||
            timeout != std::chrono::milliseconds::max());
    if (waits && !is_dry_run)
        return;
    auto users = device.users();
    if (users.empty())
        return;
    if (!waits)
        throw in_use_error(device.uuid(), std::move(users), "");
    env.log(LogLevel::warning,
        "Device " + device.uuid().string() + " is in use" + by(users) +
            "; the command would wait until it is closed");
}

void Manager::Impl::remove(const Device& device) const
{
    const auto& known = Access::impl(device);
    const auto directory = known.directory();
    // After `pre`, which may make the user close the device.
    check_can_stop(device);
    known.remove(directory, timeout);
}

/// Returns false if another process has removed the device in the meantime and
/// that is enough for the caller.
bool Manager::Impl::stop_with_scripts(
    const Device& device, HeldLocks& held) const
try {
    // Only scripts need the definition.
    const auto subject =
        engine.has_scripts() ? subject_of(device) : ScriptSubject(device);
    run(CalloutAction::stop, subject, held, [&] {
        remove(device);
        forget_start(env, device.uuid());
    });
    return true;
} catch (const Error& error) {
    if (!is_idempotent || error.code() != Errc::not_active)
        throw;
    return false;
}

/// Stops the device of a UUID. With `parent`, stops it only on this parent:
/// since the caller has seen the device, another process may have started the
/// UUID on another parent.
Outcome Manager::Impl::stop(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    return run_and_report({.action = CalloutAction::stop,
                              .uuid = uuid,
                              .parent = parent.value_or(""),
                              .is_changed = false},
        "Cannot stop device " + uuid.string(), [&](auto& outcome) {
            auto held = locks();
            auto device = Device::find(uuid, env);
            if (device && parent && device->parent() != *parent)
                device.reset();
            if (!device && is_idempotent)
                return;
            if (!device)
                throw not_active(uuid);
            outcome.parent = device->parent();
            outcome.type_id = device->type_id();
            outcome.before = Definition(uuid, outcome.parent, outcome.type_id);
            if (is_dry_run) {
                check_can_stop(*device);
                const auto& known = Access::impl(*device);
                known.kernel->check_remove(known);
            }
            outcome.is_changed = is_dry_run || stop_with_scripts(*device, held);
        });
}

MDEV_API Outcome Manager::stop(const Uuid& uuid) const
{
    return impl_->stop(uuid);
}

MDEV_API std::vector<Outcome> Manager::stop_all(
    const std::optional<std::string>& parent) const
{
    auto [devices, unread] = all_devices(impl_->env);
    if (parent) {
        std::erase_if(devices,
            [&](const Device& device) { return device.parent() != *parent; });
        // If a device cannot be read, the directory of its parent still has an
        // entry for it.
        const auto path = impl_->env.parents_directory() / *parent;
        std::erase_if(unread, [&](const Uuid& uuid) {
            return !Directory::at(path / uuid.string());
        });
    }
    // Devices in use are stopped last: the kernel blocks each removal until the
    // device is closed, and the other devices must not wait for that.
    std::stable_partition(devices.begin(), devices.end(),
        [&](const Device& device) { return is_free(device, impl_->env); });
    std::vector<Uuid> uuids;
    for (const auto& device : devices)
        uuids.push_back(device.uuid());
    // These devices are active too: the command fails unless they can be read
    // now.
    uuids.insert(uuids.end(), unread.begin(), unread.end());
    return impl_->run_several([&](Impl& several) {
        // A device that has disappeared since the list was read is stopped.
        several.is_idempotent = true;
        std::vector<Error> errors;
        for (const auto& uuid : uuids)
            attempt(several.env, LogLevel::error, errors,
                [&] { several.stop(uuid, parent); });
        if (errors.empty())
            return;
        const auto error =
            some_failed(errors, uuids.size(), devices_of(parent), "stopped");
        const bool are_all_in_use = errors.size() == uuids.size() &&
            std::all_of(errors.begin(), errors.end(), [](const Error& failed) {
                return failed.code() == Errc::in_use;
            });
        if (are_all_in_use)
            throw Error(Errc::in_use, error.subject(), error.what());
        throw error;
    });
}

}
