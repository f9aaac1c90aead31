// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "config_store_impl.hpp"
#include "definition_impl.hpp"
#include "difference.hpp"
#include "manager_impl.hpp"

#include <mdev/export.hpp>

namespace mdev {

namespace {

/// A live change cannot change the parent or the type of an active device.
void check_is_device(const Definition& definition, const Device& device)
{
    const auto uuid = definition.uuid().string();
    if (device.parent() != definition.parent())
        throw Error(Errc::no_such_parent, uuid,
            "Device is active under parent '" + device.parent() + "'");
    if (device.type_id() != definition.type_id())
        throw Error(Errc::no_such_type, uuid,
            "Device is active with type '" + device.type_id() + "', not '" +
                definition.type_id() + "'");
}

}

Device Manager::Impl::require_active(const Uuid& uuid) const
{
    if (const auto device = Device::find(uuid, env))
        return *device;
    throw not_active(uuid);
}

/// Checks, before the device is changed, that a live change can also change the
/// definition: the definition must exist and have the same type.
void Manager::Impl::check_defined(const Definition& definition) const
{
    check_size(definition);
    const auto stored = store.find(definition.uuid(), definition.parent());
    if (!stored)
        throw not_defined(definition.uuid(), definition.parent());
    if (stored->type_id() != definition.type_id())
        throw Error(Errc::no_such_type, definition.uuid().string(),
            "Device is defined with type '" + stored->type_id() + "', not '" +
                definition.type_id() + "'");
}

/// Changes the active device through its script, and checks beforehand that the
/// definition can be changed as well if the caller wants that.
void Manager::Impl::change_device(
    const Definition& definition, LiveScope scope, HeldLocks& held) const
{
    if (scope == LiveScope::device_and_definition)
        check_defined(definition);
    if (is_dry_run)
        check_live(engine, definition);
    else
        run_live(env, engine, definition, held);
}

/// Stores what the active device has now.
void Manager::Impl::store_live(OutcomeParts& outcome,
    const std::optional<Definition>& before, const Definition& after,
    HeldLocks& held) const
try {
    run_with_store(held, [&] { replace(outcome, before, after, held, {}); });
} catch (const Error& error) {
    throw with_context(error,
        "the active device has the new attributes, but its definition does "
        "not");
}

MDEV_API Outcome Manager::modify_live(
    const Definition& definition, LiveScope scope) const
{
    const bool is_stored = scope == LiveScope::device_and_definition;
    return impl_->run_and_report(outcome_of(CalloutAction::modify, definition),
        "Cannot modify " + describe(definition) + " live", [&](auto& outcome) {
            auto held = impl_->locks();
            outcome.after = definition;
            // Lock, unlock, lock. The first lock keeps other commands from
            // changing the definition while the script changes the device, so
            // that both have the same contents at the end. It must be released
            // before the notifiers, which may call mdevctl; run_live() does
            // that. Writing the definition is a `modify` of its own, with its
            // own `pre` and `post`, under the second lock. It replaces whatever
            // is stored: in between, another command may have changed the
            // definition, but the device has the new state already.
            const auto change = [&] {
                check_is_device(
                    definition, impl_->require_active(definition.uuid()));
                impl_->change_device(definition, scope, held);
            };
            if (!is_stored)
                return change();
            impl_->run_with_store(held, change);
            if (impl_->is_dry_run)
                return;
            impl_->store_live(outcome, {}, definition, held);
        });
}

/// The active device as a definition: with the attributes that its script
/// names, and with what only a definition has.
Definition Manager::Impl::as_it_runs(const Device& device,
    const std::optional<Definition>& stored, HeldLocks& held) const
{
    const Definition bare(device.uuid(), device.parent(), device.type_id());
    auto definition = stored.value_or(bare);
    definition.set_type_id(device.type_id());
    const auto asked = held.store ? under_lock(engine) : engine;
    if (const auto known = Access::impl(asked).attributes(
            bare, LogLevel::warning, nullptr, held.scripts))
        definition.set_attributes(*known);
    return definition;
}

MDEV_API Outcome Manager::modify_live(const Uuid& uuid,
    const std::function<void(Definition&)>& edit, LiveScope scope) const
{
    const auto& impl = *impl_;
    return impl.run_and_report({.action = CalloutAction::modify, .uuid = uuid},
        "Cannot modify device " + uuid.string() + " live", [&](auto& outcome) {
            auto held = impl.locks();
            std::optional<Definition> stored;
            std::optional<Definition> before;
            std::optional<Definition> after;
            // The store is locked, and the script as well if it has that lock,
            // from asking for the attributes to changing them.
            impl.run_with_store(held, [&] {
                const auto device = impl.require_active(uuid);
                outcome.parent = device.parent();
                outcome.type_id = device.type_id();
                check_live(impl.engine, ScriptSubject(device));
                stored = impl.store.find(uuid, device.parent());
                const auto known = std::exchange(
                    before, impl.as_it_runs(device, stored, held));
                if (!known || !differences(*known, *before).empty()) {
                    after = before;
                    const EditInProgress guard;
                    edit(*after);
                }
                check_is_device(*after, device);
                outcome.before = before;
                outcome.after = after;
                outcome.differences = differences(*before, *after);
                outcome.is_changed = !outcome.differences.empty();
                if (outcome.is_changed || !impl.is_idempotent)
                    impl.change_device(*after, scope, held);
            });
            if (scope == LiveScope::device || impl.is_dry_run)
                return;
            // What the device has now is stored, whatever another command has
            // stored in between.
            const bool is_changed = outcome.is_changed;
            impl.store_live(outcome, stored, *after, held);
            outcome.is_changed = outcome.is_changed || is_changed;
        });
}

}
