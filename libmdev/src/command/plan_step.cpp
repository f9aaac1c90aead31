// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan_step.hpp"

#include "access_checks.hpp"
#include "callout_protocol.hpp"
#include "kernel_interface.hpp"
#include "manager_impl.hpp"
#include "start_checks.hpp"

#include <memory>

namespace mdev {

Definition merged(const Definition& stored, const HostEntry& entry)
{
    if (entry.has_others)
        return entry.definition;
    auto definition = stored;
    definition.set_type_id(entry.definition.type_id());
    definition.set_start(entry.definition.start());
    definition.set_attributes(entry.definition.attributes());
    return definition;
}

/// Makes a step of a plan, or says in a dry run that it would be made.
void Manager::Impl::make_step(const Step& step, bool is_parent_freed) const
{
    if (!step.outcome.is_changed || is_comparison)
        notify_listener(step.outcome);
    else if (is_dry_run)
        check_step(step, is_parent_freed);
    else
        carry_out(step);
}

/// Whether the user may start the device. The kernel cannot answer this for a
/// UUID or an instance that an earlier step still has to free.
void Manager::Impl::check_start(const Definition& definition) const
{
    if (Device::find(definition.uuid(), env))
        return;
    const auto type = require_type(definition, env);
    Access::impl(type).kernel->check_create(type);
}

void Manager::Impl::check_step(const Step& step, bool is_parent_freed) const
{
    const auto& definition = step.entry.definition;
    const auto action = step.outcome.action;
    if (action == CalloutAction::stop) {
        stop(step.outcome.uuid, step.outcome.parent);
        return;
    }
    run_and_report(step.outcome,
        std::string("Cannot ").append(word(action)) + " " +
            describe(definition),
        [&](auto&) {
            if (action != CalloutAction::start)
                check_store_access(env);
            else if (!is_parent_freed)
                check_start(definition);
        });
}

void Manager::Impl::carry_out(const Step& step) const
{
    const Manager manager(std::make_shared<const Impl>(*this));
    const auto& definition = step.entry.definition;
    switch (step.outcome.action) {
    case CalloutAction::stop:
        stop(step.outcome.uuid, step.outcome.parent);
        break;
    case CalloutAction::start: manager.start(definition); break;
    case CalloutAction::define: manager.define(definition); break;
    case CalloutAction::undefine:
        (step.is_forced ? manager.with_force() : manager)
            .undefine(definition.uuid(), definition.parent());
        break;
    default:
        if (!step.is_edit)
            manager.modify(definition);
        else
            manager.modify(definition.uuid(), definition.parent(),
                [&](Definition& stored) {
                    stored = merged(stored, step.entry);
                });
    }
}

}
