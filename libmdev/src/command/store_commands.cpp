// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "config_store_impl.hpp"
#include "difference.hpp"
#include "manager_impl.hpp"
#include "text.hpp"

#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

namespace mdev {

namespace {

/// A live change cannot make another device of an active one.
void check_active(const Definition& definition, const Environment& env)
{
    const auto device = Device::find(definition.uuid(), env);
    const auto uuid = definition.uuid().string();
    if (!device)
        throw Error(Errc::not_active, uuid, "Device is not active");
    if (device->parent() != definition.parent())
        throw Error(Errc::no_such_parent, uuid,
            "Device is active under parent '" + device->parent() + "'");
    if (device->type_id() != definition.type_id())
        throw Error(Errc::no_such_type, uuid,
            "Device is active with type '" + device->type_id() + "', not '" +
                definition.type_id() + "'");
}

/// A definition may name a type that its parent offers later; but if the parent
/// exists and does not offer the type, the name may be misspelled.
void warn_of_unknown_type(const Definition& definition, const Environment& env)
try {
    const auto parent = ParentDevice::find(definition.parent(), env);
    if (parent && !parent->type(definition.type_id()))
        env.log(LogLevel::warning,
            "Parent " + definition.parent() + " does not offer the type " +
                definition.type_id() + " of device " +
                definition.uuid().string() + " now");
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
}

}

/// Returns true if the definition is stored already and the caller takes that
/// for done. Throws Error if it is stored otherwise.
bool Manager::Impl::is_defined_alike(const Definition& definition) const
{
    const auto files = find_files(env, definition.uuid(), definition.parent());
    if (files.empty())
        return false;
    std::string why = "it is already defined";
    const auto stored =
        is_idempotent ? read_definition(env, files.front()) : std::nullopt;
    if (stored) {
        const auto different = differences(*stored, definition);
        if (different.empty())
            return true;
        why += " differently, in " + joined(different);
    }
    throw Error(Errc::already_defined, definition.uuid().string(), why);
}

void Manager::Impl::add(const Definition& definition) const
try {
    write(CalloutAction::define, definition,
        [&](const StoreLock& held) { store.add(definition, held); });
} catch (const Error& error) {
    if (error.code() != Errc::already_defined || !is_defined_alike(definition))
        throw;
}

/// The attributes of the active device that is being defined are what its
/// script says. A script that does not say them refuses the command, of which
/// the notifiers hear.
void Manager::Impl::add_active_attributes(
    Definition& definition, const Device& device) const
try {
    const auto known = Access::impl(engine).attributes(ScriptSubject(device));
    if (known)
        definition.set_attributes(*known);
} catch (const Error&) {
    if (!is_dry_run)
        notify_failure(
            env, engine, {CalloutAction::define, definition, is_forced});
    throw;
}

/// Stores a new definition; `active` is the active device that it describes, if
/// there is one.
void Manager::Impl::define(
    Definition& definition, const std::optional<Device>& active) const
{
    run_and_report(outcome_of(CalloutAction::define, definition),
        "Cannot define " + describe(definition), [&](auto& outcome) {
            const auto lock = lock_callouts();
            warn_of_unknown_type(definition, env);
            // Looked for before the scripts, which need not hear of a command
            // that cannot succeed; looked for again under the store's lock.
            if (!is_idempotent)
                is_defined_alike(definition);
            if (active)
                add_active_attributes(definition, *active);
            outcome.is_changed = !is_defined_alike(definition);
            if (outcome.is_changed && !is_dry_run)
                add(definition);
        });
}

MDEV_API void Manager::define(const Definition& definition) const
{
    auto copy = definition;
    impl_->define(copy, {});
}

MDEV_API Definition Manager::define(const DeviceSpec& spec) const
{
    const auto& uuid = spec.uuid();
    const auto& parent = spec.parent();
    const auto& type_id = spec.type_id();
    auto device =
        uuid ? Device::find(*uuid, impl_->env) : std::optional<Device>();
    if (!device && (!parent || !type_id))
        throw incomplete(uuid,
            uuid ? "it is not active, so its parent and type must be given"
                 : "its parent and type must be given");
    Definition definition(uuid ? *uuid : Uuid::random(),
        parent ? *parent : device->parent(),
        type_id ? *type_id : device->type_id());
    definition.set_start(spec.start());
    if (device && device->parent() != definition.parent() && !type_id)
        impl_->env.log(LogLevel::warning,
            "Device " + uuid->string() + " is active on " + device->parent() +
                "; " + definition.parent() + " gets a definition of its type " +
                device->type_id());
    // What another device has is nothing for this definition.
    if (device &&
        (device->parent() != definition.parent() ||
            device->type_id() != definition.type_id()))
        device.reset();
    impl_->define(definition, device);
    return definition;
}

std::optional<Definition> Manager::Impl::definition_to_undefine(
    const Uuid& uuid, const std::string& parent) const
try {
    return store.find(uuid, parent);
} catch (const Error& error) {
    if (!is_forced)
        throw Error(error.code(), error.cause(), error.subject(),
            error.what() + std::string("; --force removes it unread"));
    env.log(LogLevel::warning, error.what());
    return {};
}

void Manager::Impl::undefine_one(
    const Uuid& uuid, const std::string& parent) const
{
    const auto erase = [&](const StoreLock& held) {
        if (!store.erase(uuid, parent, held) && !is_idempotent)
            throw not_defined(uuid, parent);
    };
    run_and_report(
        {.action = CalloutAction::undefine, .uuid = uuid, .parent = parent},
        "Cannot undefine device " + uuid.string() + " on " + parent,
        [&](auto& outcome) {
            const auto definition = definition_to_undefine(uuid, parent);
            if (definition)
                outcome.type_id = definition->type_id();
            if (is_dry_run)
                return;
            if (definition)
                write(CalloutAction::undefine, *definition, erase);
            else
                erase(store.lock());
        });
}

void Manager::Impl::report_not_defined(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    const auto error = not_defined(uuid, parent);
    notify_listener({.action = CalloutAction::undefine,
        .uuid = uuid,
        .parent = parent.value_or(""),
        .is_changed = false,
        .error = is_idempotent ? "" : error.what()});
    if (!is_idempotent)
        throw error;
}

MDEV_API void Manager::undefine(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    const auto parents = parents_of(find_files(impl_->env, uuid, parent));
    if (parents.empty())
        return impl_->report_not_defined(uuid, parent);
    const auto lock = impl_->lock_callouts();
    // Each definition is removed by itself. A single one's error is thrown as
    // it is; of several, each error is logged and their number is thrown.
    std::vector<Error> errors;
    for (const auto& name : parents)
        try {
            impl_->undefine_one(uuid, name);
        } catch (const Error& error) {
            errors.push_back(error);
        }
    if (errors.size() == 1 && parents.size() == 1)
        throw errors.front();
    for (const auto& error : errors)
        impl_->env.log(LogLevel::error, error.what());
    if (!errors.empty())
        throw Error(Errc::partial_failure, uuid.string(),
            std::to_string(errors.size()) + " of " +
                std::to_string(parents.size()) + " definitions of device " +
                uuid.string() + " could not be removed");
}

/// The store's lock, if nobody holds it for long. Scripts may hold something
/// that its holder waits for, so where there are scripts, the time is short.
StoreLock Manager::Impl::lock_store_soon() const
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

/// Runs the scripts and then locks the store to write. `modify` has to do both
/// the other way round. So that two such commands cannot wait for each other
/// for ever, the one that does not get the lock soon lets its scripts free what
/// they hold, and begins again with the lock.
void Manager::Impl::write(CalloutAction action, const Definition& definition,
    const std::function<void(const StoreLock&)>& write) const
{
    std::optional<StoreLock> held;
    try {
        return run(action, definition, held, [&] { write(lock_store_soon()); });
    } catch (const StoreBusy&) {
        held = store.lock();
    }
    run(action, definition, held, [&] { write(*held); });
}

/// Writes what a command has made of a definition, under the lock.
void Manager::Impl::replace(OutcomeParts& outcome,
    const std::optional<Definition>& before, const Definition& after,
    std::optional<StoreLock>& held) const
{
    outcome.parent = after.parent();
    outcome.type_id = after.type_id();
    if (before)
        outcome.differences = differences(*before, after);
    outcome.is_changed = !before || !outcome.differences.empty();
    if (is_dry_run || (is_idempotent && !outcome.is_changed))
        return;
    run(CalloutAction::modify, after, held, [&] { store.save(after, *held); });
}

MDEV_API void Manager::modify(const Uuid& uuid,
    const std::optional<std::string>& parent,
    const std::function<void(Definition&)>& edit) const
{
    impl_->run_and_report({.action = CalloutAction::modify,
                              .uuid = uuid,
                              .parent = parent.value_or("")},
        "Cannot modify device " + uuid.string(), [&](auto& outcome) {
            // A store without a lock is not given one by a command that finds
            // nothing to modify in it.
            if (!has_lock(impl_->env) &&
                find_files(impl_->env, uuid, parent).empty())
                throw not_defined(uuid, parent);
            const auto lock = impl_->lock_callouts();
            auto held = impl_->lock_store();
            const auto before = impl_->find_unique(uuid, parent);
            if (!before)
                throw not_defined(uuid, parent);
            auto after = *before;
            edit(after);
            impl_->replace(outcome, before, after, held);
        });
}

/// What is replaced; a file that cannot be understood is nothing to lose.
std::optional<Definition> Manager::Impl::find_readable(
    const Definition& definition) const
try {
    return store.find(definition.uuid(), definition.parent());
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
    return {};
}

MDEV_API void Manager::modify(const Definition& definition) const
{
    impl_->run_and_report(outcome_of(CalloutAction::modify, definition),
        "Cannot modify " + describe(definition), [&](auto& outcome) {
            const auto lock = impl_->lock_callouts();
            auto held = impl_->lock_store();
            impl_->replace(
                outcome, impl_->find_readable(definition), definition, held);
        });
}

/// A live change of a definition as well cannot make a new definition, nor
/// another device of a stored one: found before the device is touched.
void Manager::Impl::check_defined(const Definition& definition) const
{
    const auto stored = store.find(definition.uuid(), definition.parent());
    if (!stored)
        throw not_defined(definition.uuid(), definition.parent());
    if (stored->type_id() != definition.type_id())
        throw Error(Errc::no_such_type, definition.uuid().string(),
            "Device is defined with type '" + stored->type_id() + "', not '" +
                definition.type_id() + "'");
}

MDEV_API void Manager::modify_live(
    const Definition& definition, LiveScope scope) const
{
    const bool is_stored = scope == LiveScope::device_and_definition;
    impl_->run_and_report(outcome_of(CalloutAction::modify, definition),
        "Cannot modify " + describe(definition) + " live", [&](auto& outcome) {
            const auto lock = impl_->lock_callouts();
            // The store is locked around the script, so that nobody changes
            // the definition meanwhile; run_live() releases the lock for the
            // notifiers, and the definition is written under a new one.
            std::optional<StoreLock> held;
            if (is_stored)
                held = impl_->lock_store();
            check_active(definition, impl_->env);
            if (is_stored)
                impl_->check_defined(definition);
            if (impl_->is_dry_run)
                return check_live(impl_->engine, definition);
            run_live(impl_->env, impl_->engine, definition, held);
            if (!is_stored)
                return;
            held = impl_->lock_store();
            impl_->replace(outcome, {}, definition, held);
        });
}

}
