// SPDX-License-Identifier: LGPL-2.1-or-later
#include "autostart.hpp"
#include "device_impl.hpp"
#include "manager_impl.hpp"
#include "startable.hpp"
#include "users.hpp"

#include <mdev/export.hpp>

#include <algorithm>
#include <cerrno>

namespace mdev {

namespace {

/// A device that is not quite made is removed again. The first error is the
/// one that counts; that of the clean-up is added to it.
[[noreturn]] void roll_back(const Device& device, const Error& first)
{
    std::string message = first.what();
    try {
        device.remove();
    } catch (const Error& second) {
        if (second.code() == Errc::not_active)
            throw first;
        message += std::string("; and then, removing the device again: ") +
            second.what();
    }
    throw Error(first.code(), first.cause(), first.subject(), message);
}

Device create(const Definition& definition, const Environment& env)
{
    const auto type = check_startable(definition, env);
    auto device = type.create(definition.uuid());
    try {
        for (const auto& [name, value] : definition.attributes())
            device.set_attribute(name, value);
    } catch (const Error& error) {
        roll_back(device, error);
    }
    return device;
}

/// In words, for messages: "2 of 3 devices of parent X".
Error some_failed(std::size_t failed, std::size_t of, const std::string& whose,
    const std::string& deed)
{
    return {Errc::partial_failure, whose,
        std::to_string(failed) + " of " + std::to_string(of) + " " + whose +
            " could not be " + deed};
}

/// Whether nobody is seen to have it open.
bool is_free(const Device& device, const Environment& env)
{
    const auto directory = Directory::at(device.path());
    return !directory || users_of(*directory, env.root() / "proc").empty();
}

std::string of_parent(const std::optional<std::string>& parent)
{
    return parent ? "devices of parent " + *parent : "devices";
}

}

/// The device, if it runs as it is wanted.
std::optional<Device> Manager::Impl::running(const Definition& definition) const
{
    auto device = Device::find(definition.uuid(), env);
    if (device && device->parent() == definition.parent() &&
        device->type() == definition.type())
        return device;
    return {};
}

Device Manager::Impl::make(const Definition& definition, Force force,
    OutcomeAccess::Parts& outcome) const
{
    const auto as_wanted = [&] {
        return DeviceAccess::made(
            env, definition.uuid(), definition.parent(), definition.type());
    };
    outcome.is_changed = !is_idempotent || !running(definition);
    if (!outcome.is_changed)
        return as_wanted();
    if (is_dry_run) {
        check_startable(definition, env);
        return as_wanted();
    }
    std::optional<StoreLock> none;
    try {
        run_in_order(env, engine, {CalloutAction::start, definition, force},
            none, [&] { create(definition, env); });
    } catch (const Error& error) {
        // Somebody else was faster, as when udev tells of one parent twice.
        const bool kernel_has_it = error.cause().value() == EEXIST;
        if (!is_idempotent || error.code() != Errc::already_active ||
            !(kernel_has_it || running(definition)))
            throw;
        outcome.is_changed = false;
    }
    return as_wanted();
}

MDEV_API Device Manager::start(const Definition& definition, Force force) const
{
    if (impl_->wait.count() > 0 && !impl_->is_dry_run)
        return impl_->start_late(definition, force);
    std::optional<Device> device;
    const auto parts = OutcomeAccess::about(CalloutAction::start, definition);
    impl_->perform(
        parts, "Cannot start " + called(definition), [&](auto& outcome) {
            const auto turn = impl_->turn();
            device = impl_->make(definition, force, outcome);
        });
    return *device;
}

/// The same as soon as it can be, within the time to wait.
Device Manager::Impl::start_late(
    const Definition& definition, Force force) const
{
    auto quick = std::make_shared<Impl>(*this);
    quick->wait = {};
    start_each(Manager(std::move(quick)), env, {definition}, force, wait,
        called(definition), [&](const Outcome& outcome, const Error* error) {
            if (listener)
                listener(outcome);
            if (error)
                throw *error;
        });
    return DeviceAccess::made(
        env, definition.uuid(), definition.parent(), definition.type());
}

Definition Manager::Impl::to_start(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent,
    const std::optional<std::string>& type) const
{
    const auto defined =
        uuid ? sole(*uuid, parent) : std::optional<Definition>();
    if (defined && type && *type != defined->type())
        throw Error(Errc::already_defined, uuid->string(),
            "Cannot start " + called(*defined) + " as " + *type +
                ": it is defined with type " + defined->type());
    if (defined)
        return *defined;
    if (uuid && is_idempotent)
        if (const auto device = Device::find(*uuid, env); device &&
            parent.value_or(device->parent()) == device->parent() &&
            type.value_or(device->type()) == device->type())
            return {*uuid, device->parent(), device->type()};
    if (uuid && !parent)
        throw Error(Errc::not_defined, uuid->string(),
            "Cannot start device " + uuid->string() +
                ": it is not defined, so its parent and type must be given");
    if (!parent || !type)
        throw incomplete(uuid, "its parent and type must be given");
    return {uuid ? *uuid : Uuid::random(), *parent, *type};
}

MDEV_API Device Manager::start(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent,
    const std::optional<std::string>& type, Force force) const
{
    std::optional<Definition> definition;
    try {
        definition = impl_->to_start(uuid, parent, type);
    } catch (const Error& error) {
        if (uuid)
            impl_->tell({CalloutAction::start, *uuid, parent.value_or(""),
                type.value_or(""), false, {}, error.what()});
        throw;
    }
    return start(*definition, force);
}

/// An active device as its scripts see it.
Definition Manager::Impl::stopped(const Device& device) const
{
    Definition definition(device.uuid(), device.parent(), device.type());
    try {
        if (const auto stored = store.find(device.uuid(), device.parent()))
            definition.set_start(stored->start());
    } catch (const Error& error) {
        env.log(LogLevel::warning, error.what());
    }
    return definition;
}

/// False if it had gone already.
bool Manager::Impl::remove(const Device& device, Force force) const
try {
    std::optional<StoreLock> none;
    run_in_order(env, engine, {CalloutAction::stop, stopped(device), force},
        none, [&] { device.remove(); });
    return true;
} catch (const Error& error) {
    if (!is_idempotent || error.code() != Errc::not_active)
        throw;
    return false;
}

MDEV_API void Manager::stop(const Uuid& uuid, Force force) const
{
    impl_->perform({CalloutAction::stop, uuid, {}, {}, false, {}, {}},
        "Cannot stop device " + uuid.string(), [&](auto& outcome) {
            const auto turn = impl_->turn();
            const auto device = Device::find(uuid, impl_->env);
            if (!device && impl_->is_idempotent)
                return;
            if (!device)
                throw Error(
                    Errc::not_active, uuid.string(), "Device is not active");
            outcome.parent = device->parent();
            outcome.type = device->type();
            outcome.is_changed =
                impl_->is_dry_run || impl_->remove(*device, force);
        });
}

/// Tells of each; what fails is logged and does not stop the others.
void Manager::Impl::start_several(std::vector<Definition> definitions,
    Force force, std::chrono::milliseconds time, const std::string& whose) const
{
    auto quick = std::make_shared<Impl>(*this);
    quick->wait = {};
    quick->is_idempotent = true;
    const auto wanted = definitions.size();
    if (wanted == 0)
        return;
    std::size_t failed = 0;
    const auto locks = is_dry_run ? std::vector<FileDescriptor>()
                                  : lock_parents(env, definitions, time);
    start_each(Manager(std::move(quick)), env, std::move(definitions), force,
        is_dry_run ? std::chrono::milliseconds(0) : time, whose,
        [&](const Outcome& outcome, const Error* error) {
            if (listener)
                listener(outcome);
            if (!error)
                return;
            env.log(LogLevel::error, error->what());
            ++failed;
        });
    if (failed > 0)
        throw some_failed(failed, wanted, whose, "started");
}

namespace {

std::vector<Definition> automatic(std::vector<Definition> definitions)
{
    std::erase_if(definitions, [](const Definition& definition) {
        return definition.start() != StartMode::automatic;
    });
    return definitions;
}

}

MDEV_API void Manager::start_parent(
    std::string_view parent, std::chrono::milliseconds wait) const
{
    impl_->start_several(automatic(impl_->store.under(parent)), Force::no, wait,
        of_parent(std::string(parent)));
}

MDEV_API void Manager::start_all(std::chrono::milliseconds wait) const
{
    impl_->start_several(
        automatic(impl_->store.all()), Force::no, wait, of_parent({}));
}

MDEV_API void Manager::start_defined(
    const std::optional<std::string>& parent, Force force) const
{
    impl_->start_several(
        parent ? impl_->store.under(*parent) : impl_->store.all(), force,
        impl_->wait, of_parent(parent));
}

MDEV_API void Manager::stop_all(
    const std::optional<std::string>& parent, Force force) const
{
    auto devices = Device::all(impl_->env);
    if (parent)
        std::erase_if(devices,
            [&](const Device& device) { return device.parent() != *parent; });
    // The kernel waits for whoever has a device open, and so should only those
    // that cannot be stopped anyway.
    std::stable_partition(devices.begin(), devices.end(),
        [&](const Device& device) { return is_free(device, impl_->env); });
    const auto several = with_idempotence();
    std::size_t failed = 0;
    for (const auto& device : devices)
        failed += impl_->fails([&] { several.stop(device.uuid(), force); });
    if (failed > 0)
        throw some_failed(failed, devices.size(), of_parent(parent), "stopped");
}

}
