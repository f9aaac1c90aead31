// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "manager_impl.hpp"

#include <mdev/export.hpp>

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

}

/// A live change of a definition as well cannot make a new definition, nor
/// another device of a stored one: found before the device is touched.
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

MDEV_API void Manager::modify_live(
    const Definition& definition, LiveScope scope) const
{
    const bool is_stored = scope == LiveScope::device_and_definition;
    impl_->run_and_report(outcome_of(CalloutAction::modify, definition),
        "Cannot modify " + describe(definition) + " live", [&](auto& outcome) {
            auto held = impl_->locks();
            // Lock, unlock, lock. The first lock keeps other commands from
            // changing the definition while the script changes the device, so
            // that both end up alike. It must be released before the notifiers,
            // which may call mdevctl; run_live() does that. Writing the
            // definition is a `modify` of its own, with its own `pre` and
            // `post`, under the second lock. It replaces whatever is stored: in
            // between, another command may have changed the definition, but the
            // device has the new state already.
            const auto change_device = [&] {
                check_active(definition, impl_->env);
                if (is_stored)
                    impl_->check_defined(definition);
                if (impl_->is_dry_run)
                    return check_live(impl_->engine, definition);
                run_live(impl_->env, impl_->engine, definition, held);
            };
            if (!is_stored)
                return change_device();
            impl_->run_with_store(held, change_device);
            if (impl_->is_dry_run)
                return;
            impl_->run_with_store(held,
                [&] { impl_->replace(outcome, {}, definition, held, {}); });
        });
}

}
