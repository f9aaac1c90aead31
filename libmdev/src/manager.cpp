// SPDX-License-Identifier: LGPL-2.1-or-later
#include "autostart.hpp"
#include "command_order.hpp"
#include "config_store_impl.hpp"
#include "environment_access.hpp"
#include "kernel_error.hpp"
#include "name.hpp"
#include "startable.hpp"

#include <mdev/config_store.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/manager.hpp>
#include <mdev/parent_device.hpp>

namespace mdev {

struct Manager::Impl {
    Environment env;
    ConfigStore store;
    CalloutEngine engine;

    std::vector<std::string> candidates(
        const Uuid& uuid, const std::optional<std::string>& parent) const;
    std::optional<Definition> sole(
        const Uuid& uuid, const std::optional<std::string>& parent) const;
    void undefine_one(
        const Uuid& uuid, const std::string& parent, Force force) const;
    std::optional<Definition> definition_to_undefine(
        const Uuid& uuid, const std::string& parent, Force force) const;
    void write(const Deed& deed,
        const std::function<void(const StoreLock&)>& write) const;
    StoreLock lock_soon() const;
    void save(std::optional<StoreLock>& held, const Definition& definition,
        Force force) const;
    Definition stopped(const Device& device) const;
};

namespace {

std::string called(const Definition& definition)
{
    return "device " + definition.uuid().string() + " on " +
        definition.parent();
}

Error not_defined(const Uuid& uuid, const std::optional<std::string>& parent)
{
    return {Errc::not_defined, uuid.string(),
        "Device " + uuid.string() + " is not defined" +
            (parent ? " on " + *parent : "")};
}

Error already_defined(const Definition& definition)
{
    return {Errc::already_defined, definition.uuid().string(),
        "Cannot define " + called(definition) + ": it is already defined"};
}

Error incomplete(const std::optional<Uuid>& uuid, const std::string& why)
{
    const auto subject = uuid ? uuid->string() : "";
    return {Errc::incomplete, subject,
        "Device " + (uuid ? subject + " " : "") +
            "is insufficiently specified: " + why};
}

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

Device make(const Definition& definition, const Environment& env)
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

/// What an active device has is for its script to say.
void add_attributes(Definition& definition, const CalloutEngine& engine)
try {
    definition.set_attributes(engine.attributes(definition));
} catch (const Error& error) {
    throw with_context(error, "Cannot define " + called(definition));
}

/// A live change cannot make another device of it.
void check_active(const Definition& definition, const Environment& env)
{
    const auto device = Device::find(definition.uuid(), env);
    const auto uuid = definition.uuid().string();
    if (!device)
        throw Error(Errc::not_active, uuid, "Device is not active");
    if (device->parent() != definition.parent())
        throw Error(Errc::no_such_parent, uuid,
            "Device is active under parent '" + device->parent() + "'");
    if (device->type() != definition.type())
        throw Error(Errc::no_such_type, uuid,
            "Device is active with type '" + device->type() + "', not '" +
                definition.type() + "'");
}

/// A definition whose parent is there may be checked against it already.
void warn_of_misspelling(const Definition& definition, const Environment& env)
try {
    const auto parent = ParentDevice::find(definition.parent(), env);
    if (parent && !parent->type(definition.type()))
        env.log(LogLevel::warning,
            "Parent " + definition.parent() + " does not offer the type " +
                definition.type() + " of device " + definition.uuid().string() +
                " now");
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
}

}

/// The parents under which the UUID is defined, of which one may be meant.
std::vector<std::string> Manager::Impl::candidates(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    return ConfigStoreAccess::parents_of(store, uuid, parent);
}

std::optional<Definition> Manager::Impl::sole(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    const auto parents = candidates(uuid, parent);
    if (parents.empty())
        return {};
    if (parents.size() > 1)
        throw Error(Errc::ambiguous, uuid.string(),
            "Multiple definitions found for device " + uuid.string() +
                ": specify a parent with --parent: " + choices(parents));
    return store.find(uuid, parents.front());
}

MDEV_API Manager::Manager(const Environment& env)
    : impl_(std::make_shared<const Impl>(
          Impl{env, ConfigStore(env), CalloutEngine(env)}))
{
}

MDEV_API void Manager::define(const Definition& definition, Force force) const
try {
    const auto turn = take_turn(impl_->env, impl_->engine);
    warn_of_misspelling(definition, impl_->env);
    // Asked before the scripts, which need not hear of it; asked again when it
    // is written.
    if (!impl_->candidates(definition.uuid(), definition.parent()).empty())
        throw already_defined(definition);
    impl_->write({CalloutAction::define, definition, force},
        [&](const StoreLock& held) { impl_->store.add(definition, held); });
} catch (const Error& error) {
    throw error.code() == Errc::already_defined
        ? already_defined(definition)
        : with_context(error, "Cannot define " + called(definition));
}

MDEV_API Definition Manager::define(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent,
    const std::optional<std::string>& type, StartMode start, Force force) const
{
    std::optional<Device> device;
    if (uuid && (!parent || !type))
        device = Device::find(*uuid, impl_->env);
    if (device && parent && device->parent() != *parent)
        throw incomplete(uuid,
            "it is active on " + device->parent() + ", not on " + *parent +
                ", so its type must be given");
    if (!device && (!parent || !type))
        throw incomplete(uuid,
            uuid ? "it is not active, so its parent and type must be given"
                 : "its parent and type must be given");
    Definition definition(uuid ? *uuid : Uuid::random(),
        parent ? *parent : device->parent(), type ? *type : device->type());
    definition.set_start(start);
    if (device)
        add_attributes(definition, impl_->engine);
    define(definition, force);
    return definition;
}

std::optional<Definition> Manager::Impl::definition_to_undefine(
    const Uuid& uuid, const std::string& parent, Force force) const
try {
    return store.find(uuid, parent);
} catch (const Error& error) {
    if (force == Force::no)
        throw with_context(error,
            "Cannot undefine device " + uuid.string() + " on " + parent +
                " without --force");
    env.log(LogLevel::warning, error.what());
    return {};
}

void Manager::Impl::undefine_one(
    const Uuid& uuid, const std::string& parent, Force force) const
{
    const auto definition = definition_to_undefine(uuid, parent, force);
    const auto erase = [&](const StoreLock& held) {
        if (!store.erase(uuid, parent, held))
            throw not_defined(uuid, parent);
    };
    try {
        if (definition)
            write({CalloutAction::undefine, *definition, force}, erase);
        else
            erase(store.lock());
    } catch (const Error& error) {
        throw with_context(
            error, "Cannot undefine device " + uuid.string() + " on " + parent);
    }
}

MDEV_API void Manager::undefine(const Uuid& uuid,
    const std::optional<std::string>& parent, Force force) const
{
    const auto parents = impl_->candidates(uuid, parent);
    if (parents.empty())
        throw not_defined(uuid, parent);
    const auto turn = take_turn(impl_->env, impl_->engine);
    std::vector<Error> errors;
    for (const auto& name : parents)
        try {
            impl_->undefine_one(uuid, name, force);
        } catch (const Error& error) {
            errors.push_back(error);
        }
    if (errors.size() == parents.size() && errors.size() == 1)
        throw errors.front();
    for (const auto& error : errors)
        impl_->env.log(LogLevel::error, error.what());
    if (!errors.empty())
        throw Error(Errc::partial_failure, uuid.string(),
            std::to_string(errors.size()) + " of " +
                std::to_string(parents.size()) + " definitions of device " +
                uuid.string() + " could not be removed");
}

/// The lock, if nobody has it for long. Scripts may hold something that the
/// one who has it waits for, so where there are any, long is short.
StoreLock Manager::Impl::lock_soon() const
{
    constexpr std::chrono::milliseconds soon(1000);
    if (!engine.has_scripts() || env.lock_timeout() <= soon)
        return store.lock();
    try {
        return ConfigStore(env.with_lock_timeout(soon)).lock();
    } catch (const Error& error) {
        if (error.code() == Errc::timed_out)
            throw StoreBusy();
        throw;
    }
}

/// Asks the scripts and then locks the store to write. `modify` has to do it
/// the other way round: so that the two cannot wait for each other for ever,
/// whoever does not get the lock soon frees what the scripts hold, and begins
/// again with the lock.
void Manager::Impl::write(
    const Deed& deed, const std::function<void(const StoreLock&)>& write) const
{
    std::optional<StoreLock> held;
    try {
        return run_in_order(
            env, engine, deed, held, [&] { write(lock_soon()); });
    } catch (const StoreBusy&) {
        held = store.lock();
    }
    run_in_order(env, engine, deed, held, [&] { write(*held); });
}

/// Writes what a command has made under the lock.
void Manager::Impl::save(std::optional<StoreLock>& held,
    const Definition& definition, Force force) const
{
    run_in_order(env, engine, {CalloutAction::modify, definition, force}, held,
        [&] { store.save(definition, *held); });
}

MDEV_API void Manager::modify(const Uuid& uuid,
    const std::optional<std::string>& parent,
    const std::function<void(Definition&)>& edit, Force force) const
try {
    // Asked before the lock: where nothing is, nothing is to be made.
    if (!ConfigStoreAccess::is_defined(impl_->store, uuid, parent))
        throw not_defined(uuid, parent);
    const auto turn = take_turn(impl_->env, impl_->engine);
    std::optional held(impl_->store.lock());
    auto definition = impl_->sole(uuid, parent);
    if (!definition)
        throw not_defined(uuid, parent);
    edit(*definition);
    impl_->save(held, *definition, force);
} catch (const Error& error) {
    throw with_context(error, "Cannot modify device " + uuid.string());
}

MDEV_API void Manager::modify(const Definition& definition, Force force) const
try {
    const auto turn = take_turn(impl_->env, impl_->engine);
    std::optional held(impl_->store.lock());
    impl_->save(held, definition, force);
} catch (const Error& error) {
    throw with_context(error, "Cannot modify " + called(definition));
}

MDEV_API void Manager::modify_live(
    const Definition& definition, Also also, Force force) const
try {
    const auto turn = take_turn(impl_->env, impl_->engine);
    std::optional<StoreLock> held;
    if (also == Also::definition)
        held = impl_->store.lock();
    check_active(definition, impl_->env);
    run_live(impl_->env, impl_->engine, definition, held);
    if (also == Also::nothing)
        return;
    held = impl_->store.lock();
    impl_->save(held, definition, force);
} catch (const Error& error) {
    throw with_context(error, "Cannot modify " + called(definition) + " live");
}

MDEV_API Device Manager::start(const Definition& definition, Force force) const
try {
    const auto turn = take_turn(impl_->env, impl_->engine);
    std::optional<StoreLock> none;
    std::optional<Device> device;
    run_in_order(impl_->env, impl_->engine,
        {CalloutAction::start, definition, force}, none,
        [&] { device = make(definition, impl_->env); });
    return *device;
} catch (const Error& error) {
    throw with_context(error, "Cannot start " + called(definition));
}

MDEV_API Device Manager::start(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent,
    const std::optional<std::string>& type, Force force) const
{
    const auto defined =
        uuid ? impl_->sole(*uuid, parent) : std::optional<Definition>();
    if (defined && type && *type != defined->type())
        throw Error(Errc::already_defined, uuid->string(),
            "Cannot start " + called(*defined) + " as " + *type +
                ": it is defined with type " + defined->type());
    if (defined)
        return start(*defined, force);
    if (uuid && !parent)
        throw Error(Errc::not_defined, uuid->string(),
            "Cannot start device " + uuid->string() +
                ": it is not defined, so its parent and type must be given");
    if (!parent || !type)
        throw incomplete(uuid, "its parent and type must be given");
    return start(
        Definition(uuid ? *uuid : Uuid::random(), *parent, *type), force);
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

MDEV_API void Manager::stop(const Uuid& uuid, Force force) const
try {
    const auto turn = take_turn(impl_->env, impl_->engine);
    std::optional<StoreLock> none;
    const auto device = Device::find(uuid, impl_->env);
    if (!device)
        throw Error(Errc::not_active, uuid.string(), "Device is not active");
    run_in_order(impl_->env, impl_->engine,
        {CalloutAction::stop, impl_->stopped(*device), force}, none,
        [&] { device->remove(); });
} catch (const Error& error) {
    throw with_context(error, "Cannot stop device " + uuid.string());
}

MDEV_API void Manager::start_parent(
    std::string_view parent, std::chrono::milliseconds wait) const
{
    autostart(*this, impl_->env, impl_->store.under(parent), wait,
        "devices of parent " + std::string(parent));
}

MDEV_API void Manager::start_all(std::chrono::milliseconds wait) const
{
    autostart(*this, impl_->env, impl_->store.all(), wait, "devices");
}

}
