// SPDX-License-Identifier: LGPL-2.1-or-later
#include "access_checks.hpp"
#include "callout_engine_impl.hpp"
#include "choose_parent.hpp"
#include "config_store_impl.hpp"
#include "definition_impl.hpp"
#include "difference.hpp"
#include "environment_impl.hpp"
#include "manager_impl.hpp"
#include "start_checks.hpp"
#include "text.hpp"
#include "unfinished_start.hpp"

#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

namespace mdev {

// The commands that change definitions. They lock in two different orders.
// `define` and `undefine` run `pre` first and lock the store only to write, so
// that scripts may take their time. `modify` has to lock the store before it
// reads, or the changes of two processes would overwrite each other; its `pre`
// therefore runs under the lock. See write() for how the two avoid a deadlock.
//
// In every order, the environment of a script that runs under the lock says so,
// the lock is released before `post`, and writes happen under the lock only.

namespace {

/// Whether two definitions have the same parent and contents.
bool is_same(const Definition& a, const Definition& b)
{
    return a.parent() == b.parent() && differences(a, b).empty();
}

/// The definition, if it can be read: for a message about another fault.
std::optional<Definition> read_for_message(
    const Environment& env, const DefinitionFile& file)
try {
    return read_definition(env.with_log({}), file);
} catch (const Error&) {
    return {};
}

}

/// Returns true if the same definition is stored and the caller accepts that
/// (idempotence). Returns false if none is stored. Throws Error
/// (Errc::already_defined) otherwise.
bool Manager::Impl::is_defined_alike(const Definition& definition) const
{
    const auto files = find_files(env, definition.uuid(), definition.parent());
    if (files.empty())
        return false;
    const auto stored = is_idempotent ? read_definition(env, files.front())
                                      : read_for_message(env, files.front());
    std::string sentence = "it is already defined";
    if (stored)
        sentence += " with type " + stored->type_id() + ", start " +
            word(stored->start());
    if (stored && is_idempotent) {
        const auto different = differences(*stored, definition);
        if (different.empty())
            return true;
        sentence += "; it differs in " + joined(different);
    }
    throw Error(Errc::already_defined, definition.uuid().string(), sentence);
}

void Manager::Impl::add(const Definition& definition, HeldLocks& held) const
try {
    write(CalloutAction::define, definition, held,
        [&](const StoreLock& lock) { store.add(definition, lock); });
} catch (const Error& error) {
    // Another process has stored a definition since the first look. With
    // idempotence an equal one counts as success.
    if (error.code() != Errc::already_defined || !is_defined_alike(definition))
        throw;
}

/// Adds the attributes that the script reports for the active device that is
/// being defined. A script that fails refuses the command, and the notifiers
/// are called.
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
Outcome Manager::Impl::define(
    Definition& definition, const std::optional<Device>& active) const
{
    return run_and_report(outcome_of(CalloutAction::define, definition),
        "Cannot define " + describe(definition), [&](auto& outcome) {
            auto held = locks();
            if (!is_planned)
                warn_of_unknown_names(definition, env);
            // Checked before the scripts, which need not run for a command that
            // cannot succeed; checked again under the store's lock. With
            // idempotence, the stored attributes are compared with those that
            // the scripts report.
            if (active && is_idempotent)
                add_active_attributes(definition, *active);
            outcome.is_changed = !is_defined_alike(definition);
            if (active && !is_idempotent)
                add_active_attributes(definition, *active);
            outcome.after = definition;
            if (outcome.is_changed)
                check_size(definition);
            else
                outcome.before = definition;
            if (outcome.is_changed && is_dry_run)
                check_store_access(env);
            else if (outcome.is_changed)
                add(definition, held);
        });
}

MDEV_API Outcome Manager::define(const Definition& definition) const
{
    auto copy = definition;
    return impl_->define(copy, {});
}

/// The definition that `spec` describes, and the active device that it is of.
std::pair<Definition, std::optional<Device>> Manager::Impl::resolve_define(
    const DeviceSpec& wanted) const
{
    const auto spec = choose_parent(wanted, ChosenFor::definition, store, env);
    const auto& uuid = spec.uuid();
    const auto& parent = spec.parent();
    const auto& type_id = spec.type_id();
    auto device = uuid ? Device::find(*uuid, env) : std::optional<Device>();
    const auto progress = progress_of(device);
    if (!device && (!parent || !type_id))
        throw incomplete(uuid,
            (uuid ? "it is not active, and " : "") + missing(parent, type_id));
    Definition definition(uuid ? *uuid : Uuid::random(),
        parent ? *parent : device->parent(),
        type_id ? *type_id : device->type_id());
    definition.set_start(spec.start());
    if (device && device->parent() != definition.parent() && !type_id)
        env.log(LogLevel::warning,
            "Device " + uuid->string() + " is active on " + device->parent() +
                "; " + definition.parent() +
                " gets a definition with the same type, " + device->type_id());
    // The attributes of another device do not belong in this definition.
    if (device && !is_as_defined(*device, definition))
        device.reset();
    if (device && progress != StartProgress::complete)
        env.log(LogLevel::warning,
            "Device " + uuid->string() + " on " + device->parent() +
                " lacks attributes; the definition gets those that the device "
                "has");
    return {std::move(definition), std::move(device)};
}

MDEV_API Definition Manager::define(const DeviceSpec& spec) const
{
    auto [definition, device] =
        impl_->report_failure(outcome_of(CalloutAction::define, spec),
            [&] { return impl_->resolve_define(spec); });
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
            error.what() + std::string("; --force removes it anyway"));
    env.log(LogLevel::warning, error.what());
    return {};
}

void Manager::Impl::undefine_one(
    const Uuid& uuid, const std::string& parent) const
{
    const auto erase = [&](const StoreLock& held) {
        // Another process may have removed the file since it was found.
        if (!store.erase(uuid, parent, held) && !is_idempotent)
            throw not_defined(uuid, parent, "it");
    };
    run_and_report(
        {.action = CalloutAction::undefine, .uuid = uuid, .parent = parent},
        "Cannot undefine device " + uuid.string() + " on " + parent,
        [&](auto& outcome) {
            // The store is locked for each definition by itself, because the
            // listener may call commands in between.
            auto held = locks();
            const auto definition = definition_to_undefine(uuid, parent);
            outcome.before = definition;
            if (definition)
                outcome.type_id = definition->type_id();
            if (is_dry_run)
                return check_store_access(env);
            if (definition)
                write(CalloutAction::undefine, *definition, held, erase);
            else
                erase(store.lock());
        });
}

void Manager::Impl::report_not_defined(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    OutcomeParts outcome{.action = CalloutAction::undefine,
        .uuid = uuid,
        .parent = parent.value_or(""),
        .is_changed = false};
    const auto error = not_defined(uuid, parent);
    if (!is_idempotent)
        outcome.fail(error);
    notify_listener(std::move(outcome));
    if (!is_idempotent)
        throw error;
}

void Manager::Impl::undefine(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    const auto parents = report_failure({.action = CalloutAction::undefine,
                                            .uuid = uuid,
                                            .parent = parent.value_or("")},
        [&] { return parents_of(find_files(env, uuid, parent)); });
    if (parents.empty())
        return report_not_defined(uuid, parent);
    if (parents.size() == 1)
        return undefine_one(uuid, parents.front());
    // Each definition is removed by itself: the parents' scripts differ, and a
    // script that refuses must not affect the definitions of other parents.
    // Every error is logged and the number of failures is thrown
    // (Errc::partial_failure), also if all have failed: no single code would be
    // true for all of them.
    std::vector<Error> errors;
    for (const auto& name : parents)
        attempt(
            env, LogLevel::error, errors, [&] { undefine_one(uuid, name); });
    if (!errors.empty())
        throw Error(Errc::partial_failure, uuid.string(),
            std::to_string(errors.size()) + " of " +
                std::to_string(parents.size()) + " definitions of device " +
                uuid.string() + " could not be removed");
}

MDEV_API std::vector<Outcome> Manager::undefine(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    return impl_->run_several(
        [&](const Impl& several) { several.undefine(uuid, parent); });
}

/// Locks the store within a second, or throws StoreBusy. Between `pre` and
/// `post` a script may hold a lock of its own (ap-check's is one for the whole
/// host) for which the holder of the store lock is waiting. Without scripts
/// there is no such risk and the usual limit applies.
StoreLock Manager::Impl::lock_store_soon() const
{
    constexpr std::chrono::milliseconds soon(1000);
    if (!engine.has_scripts() || env.lock_timeout() <= soon)
        return store.lock();
    try {
        return ConfigStore(env.with_lock_timeout(soon)).lock();
    } catch (const Error& error) {
        if (error.code() == Errc::timed_out && !is_end_of_command(env, error))
            throw StoreBusy();
        throw;
    }
}

/// Runs the scripts and writes under the store lock. `pre` runs first, then the
/// store is locked. `modify` in another process locks the store first: its
/// `pre` may wait for a lock that this command's `pre` has taken, while this
/// command waits for the store lock. If a process does not get the lock soon,
/// it therefore runs `post` with state `failure`, which releases what `pre` has
/// taken. It then waits for the lock, and runs `pre` and `post` again under the
/// lock.
void Manager::Impl::write(CalloutAction action, const Definition& definition,
    HeldLocks& held, const std::function<void(const StoreLock&)>& write) const
{
    try {
        return run(action, definition, held, [&] { write(lock_store_soon()); });
    } catch (const StoreBusy&) {
        // The store is locked below.
    }
    run_with_store(held,
        [&] { run(action, definition, held, [&] { write(*held.store); }); });
}

/// Stores the result of `modify`, with the store locked. `before` is nothing if
/// there is no old definition, or if it cannot be read. `file` is its file, if
/// known.
void Manager::Impl::replace(OutcomeParts& outcome,
    const std::optional<Definition>& before, const Definition& after,
    HeldLocks& held, const std::optional<DefinitionFile>& file) const
{
    outcome.parent = after.parent();
    outcome.type_id = after.type_id();
    outcome.before = before;
    outcome.after = after;
    if (before)
        outcome.differences = differences(*before, after);
    outcome.is_changed = !before || !outcome.differences.empty();
    if (is_idempotent && !outcome.is_changed)
        return;
    check_size(after);
    if (is_dry_run)
        return check_store_access(env);
    run(CalloutAction::modify, after, held, [&] {
        if (file)
            Access::impl(store).replace(*file, after, *held.store);
        else
            store.save(after, *held.store);
    });
}

MDEV_API Outcome Manager::modify(const Uuid& uuid,
    const std::optional<std::string>& parent,
    const std::function<void(Definition&)>& edit) const
{
    return impl_->run_and_report({.action = CalloutAction::modify,
                                     .uuid = uuid,
                                     .parent = parent.value_or("")},
        "Cannot modify device " + uuid.string(), [&](auto& outcome) {
            // Taking the lock creates its file. A command that fails because
            // nothing is defined must not create anything in a store that has
            // never been changed.
            std::optional<DefinitionFile> file;
            if (!has_lock(impl_->env)) {
                file = impl_->find_unique(uuid, parent);
                if (!file)
                    throw not_defined(uuid, parent, "it");
            }
            auto held = impl_->locks();
            std::optional<Definition> before;
            std::optional<Definition> after;
            impl_->run_with_store(held, [&] {
                const auto known = std::exchange(before, std::nullopt);
                if (!file || known)
                    file = impl_->find_unique(uuid, parent, held.store);
                if (file)
                    before = read_definition(impl_->env, *file);
                if (!before)
                    throw not_defined(uuid, parent, "it");
                // Edited once, unless another command has changed it while
                // this one waited for a script.
                if (!known || !is_same(*known, *before)) {
                    after = before;
                    const EditInProgress guard;
                    edit(*after);
                }
                impl_->replace(outcome, before, *after, held, file);
            });
        });
}

/// The definition that is replaced; nothing if it is invalid. An invalid
/// definition is replaced without a warning, because it cannot be used.
std::optional<Definition> Manager::Impl::read_if_valid(
    const DefinitionFile& file) const
try {
    return read_definition(env, file);
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
    return {};
}

MDEV_API Outcome Manager::modify(const Definition& definition) const
{
    return impl_->run_and_report(outcome_of(CalloutAction::modify, definition),
        "Cannot modify " + describe(definition), [&](auto& outcome) {
            auto held = impl_->locks();
            impl_->run_with_store(held, [&] {
                const auto file = impl_->find_unique(
                    definition.uuid(), definition.parent(), held.store);
                impl_->replace(outcome,
                    file ? impl_->read_if_valid(*file) : std::nullopt,
                    definition, held, file);
            });
        });
}

}
