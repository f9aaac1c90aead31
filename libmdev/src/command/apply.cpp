// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "difference.hpp"
#include "environment_impl.hpp"
#include "host_state_impl.hpp"
#include "kernel_interface.hpp"
#include "manager_impl.hpp"
#include "plan_errors.hpp"
#include "plan_step.hpp"
#include "start_checks.hpp"
#include "unfinished_start.hpp"

#include <mdev/export.hpp>

#include <map>
#include <set>

namespace mdev {

// Makes a host match a HostState, in two phases. Plan looks at kernel and
// store, lists every step and collects the errors that can be seen beforehand;
// a single one prevents every change. Then make_step() executes the steps; a
// step that fails is logged and does not stop the others.
//
// The order of the steps is stop, undefine, define and modify, start. Stopping
// first frees instances and UUIDs for the devices that follow; starting last
// finds the definitions in their final form. Steps that are not necessary are
// listed as well, so that the listener is called for every device and a second
// run reports "unchanged" for all.

namespace {

using Key = std::pair<std::string, Uuid>;

template <class Subject> Key key(const Subject& subject)
{
    return {subject.parent(), subject.uuid()};
}

/// An active device as a definition without attributes, which is all that the
/// steps need.
Definition as_it_runs(const Device& device)
{
    return {device.uuid(), device.parent(), device.type_id()};
}

/// Collects the steps in the order in which they are carried out, and the
/// errors that prevent the whole plan.
class Plan {
public:
    Plan(const Environment& env, Prune prune, ActiveDevices active_devices)
        : env_(env),
          prune_(prune),
          active_devices_(active_devices),
          store_(env)
    {
        for (const auto& device : Device::all(env))
            active_.emplace(device.uuid(), device);
    }

    void make(const std::vector<HostEntry>& entries)
    {
        std::set<Key> wanted;
        for (const auto& entry : entries)
            wanted.insert(key(entry.definition));
        if (active_devices_ == ActiveDevices::apply)
            stop(entries, wanted);
        if (prune_ == Prune::yes)
            for (const auto& definition : store_.all())
                if (!wanted.contains(key(definition)))
                    add(CalloutAction::undefine, definition, true);
        for (const auto& entry : entries)
            define(entry);
        if (active_devices_ == ActiveDevices::apply)
            start(entries);
    }

    const std::vector<Step>& steps() const { return steps_; }
    const std::vector<Error>& errors() const { return errors_; }
    /// Whether an earlier step stops a device of the same parent.
    bool is_freed(const Step& step) const
    {
        return freed_.contains(step.entry.definition.parent());
    }
    /// The errors as results of the steps that cannot be made.
    const std::vector<Outcome>& failed() const { return failed_; }

private:
    Step& add(
        CalloutAction action, const Definition& definition, bool is_needed)
    {
        return add(action, HostEntry{definition, true, {}, false}, is_needed);
    }

    Step& add(CalloutAction action, HostEntry entry, bool is_needed)
    {
        auto outcome = outcome_of(action, entry.definition);
        outcome.is_changed = is_needed;
        const bool is_removal =
            action == CalloutAction::stop || action == CalloutAction::undefine;
        if (is_removal == is_needed)
            outcome.before = entry.definition;
        if (!is_removal)
            outcome.after = entry.definition;
        steps_.push_back({std::move(outcome), std::move(entry)});
        return steps_.back();
    }

    /// The active device of the definition's UUID; null if it is not active on
    /// that parent.
    const Device* active(const Definition& definition) const
    {
        const auto found = active_.find(definition.uuid());
        return found != active_.end() &&
                found->second.parent() == definition.parent()
            ? &found->second
            : nullptr;
    }

    /// Stops come first: an unwanted device may occupy what a wanted one needs.
    void stop(
        const std::vector<HostEntry>& entries, const std::set<Key>& wanted)
    {
        for (const auto& [uuid, device] : active_)
            if (prune_ == Prune::yes && !wanted.contains(key(device)))
                stop(as_it_runs(device), true);
        for (const auto& entry : entries) {
            if (entry.is_to_run() != false)
                continue;
            const auto* device = active(entry.definition);
            stop(device ? as_it_runs(*device) : entry.definition, device);
        }
    }

    void stop(const Definition& definition, bool is_needed)
    {
        add(CalloutAction::stop, definition, is_needed);
        if (!is_needed)
            return;
        stopped_.insert(definition.uuid());
        freed_.insert(definition.parent());
    }

    void define(const HostEntry& entry)
    {
        const auto& definition = entry.definition;
        std::optional<Definition> stored;
        bool is_broken = false;
        try {
            stored = store_.find(definition.uuid(), definition.parent());
        } catch (const Error& error) {
            if (error.code() != Errc::invalid_definition)
                return fail(CalloutAction::define, definition, error);
            is_broken = true;
        }
        if (!entry.is_defined && is_broken)
            undefine_unread(definition);
        else if (!entry.is_defined)
            add(CalloutAction::undefine, stored.value_or(definition),
                stored.has_value());
        else
            store(entry, stored, is_broken);
    }

    void store(const HostEntry& entry, const std::optional<Definition>& stored,
        bool is_broken)
    try {
        if (stored)
            return modify(*stored, entry);
        check_size(entry.definition);
        warn_of_unknown_names(entry);
        add(is_broken ? CalloutAction::modify : CalloutAction::define, entry,
            true);
    } catch (const Error& error) {
        fail(CalloutAction::define, entry.definition, error);
    }

    void fail(
        CalloutAction action, const Definition& definition, const Error& error)
    {
        auto outcome = outcome_of(action, definition);
        outcome.fail(error);
        errors_.push_back(error);
        failed_.push_back(Access::make<Outcome>(std::move(outcome)));
    }

    /// Removes an invalid definition without --force: the state file says that
    /// the device is not defined, and an invalid definition is replaced without
    /// --force as well.
    void undefine_unread(const Definition& definition)
    {
        auto& step = add(CalloutAction::undefine, definition, true);
        step.outcome.type_id.clear();
        step.outcome.before.reset();
        step.is_forced = true;
    }

    void modify(const Definition& stored, const HostEntry& entry)
    {
        const auto after = merged(stored, entry);
        auto different = differences(stored, after);
        if (!different.empty()) {
            check_size(after);
            warn_of_unknown_names(entry);
        }
        auto& step = add(CalloutAction::modify, entry, !different.empty());
        step.outcome.before = stored;
        step.outcome.after = after;
        step.outcome.differences = std::move(different);
        step.is_edit = true;
    }

    void start(const std::vector<HostEntry>& entries)
    {
        std::set<Uuid> wanted;
        for (const auto& entry : entries)
            if (entry.is_to_run() == true)
                try {
                    check_once(wanted, entry.definition);
                    start(entry.definition);
                } catch (const Error& error) {
                    fail(CalloutAction::start, entry.definition,
                        with_context(error,
                            "Cannot start " + describe(entry.definition)));
                }
        for (const auto& [names, available] : crowded_)
            errors_.push_back(no_room(
                names.first, names.second, available, started_.at(names)));
    }

    static void check_once(std::set<Uuid>& wanted, const Definition& definition)
    {
        // The kernel has one device of a UUID, whatever the number of
        // definitions.
        if (!wanted.insert(definition.uuid()).second)
            throw Error(Errc::already_active, definition.uuid().string(),
                "it should also be active on another parent");
    }

    void start(const Definition& definition)
    {
        const auto found = active_.find(definition.uuid());
        if (found != active_.end() && !stopped_.contains(definition.uuid())) {
            const auto& device = found->second;
            // A device with the wrong parent or type is not stopped: a process
            // may use it, and the state file does not ask for a stop.
            if (!is_as_defined(device, definition))
                throw Error(Errc::already_active, definition.uuid().string(),
                    "it is active on " + device.parent() + " with type " +
                        device.type_id() + "; stop it first");
            add(CalloutAction::start, definition,
                start_progress(env_, device) == StartProgress::ended);
            return;
        }
        const auto type = require_type(definition, env_);
        const auto count = ++started_[{definition.parent(), type.id()}];
        // Stopping a device frees instances, but only the driver knows how
        // many: types share the resources of their parent. A plan that stops
        // devices of the parent is therefore not refused, and the kernel
        // decides.
        const auto available = type.available_instances();
        if (count > available && !freed_.contains(definition.parent())) {
            if (available == 0)
                throw Access::impl(type).kernel->no_instance_error(type);
            return fail_for_room(definition, available);
        }
        add(CalloutAction::start, definition, true);
    }

    void fail_for_room(const Definition& definition, std::int64_t available)
    {
        crowded_[{definition.parent(), definition.type_id()}] = available;
        fail(CalloutAction::start, definition,
            {Errc::no_instance_left, definition.parent(),
                "Cannot start " + describe(definition) +
                    ": there are not enough available instances of " +
                    definition.type_id()});
        errors_.pop_back();
    }

    /// Warns once of a parent or type that does not exist. A definition for
    /// later use is valid, but the name may be misspelled.
    void warn_of_unknown_names(const HostEntry& entry)
    {
        const auto& definition = entry.definition;
        const bool is_checked_later = active_devices_ == ActiveDevices::apply &&
            entry.is_to_run() == true;
        if (is_checked_later ||
            !named_.emplace(definition.parent(), definition.type_id()).second)
            return;
        attempt(
            env_, LogLevel::warning, [&] { require_type(definition, env_); });
    }

    const Environment& env_;
    Prune prune_;
    ActiveDevices active_devices_;
    ConfigStore store_;
    std::map<Uuid, Device> active_;
    std::set<Uuid> stopped_;
    std::set<std::string> freed_;
    using Names = std::pair<std::string, std::string>;
    std::map<Names, std::int64_t> started_;
    std::map<Names, std::int64_t> crowded_; ///< instances, if too few
    std::set<Names> named_;
    std::vector<Step> steps_;
    std::vector<Error> errors_;
    std::vector<Outcome> failed_;
};

}

MDEV_API std::vector<Outcome> Manager::apply(
    const HostState& wanted, Prune prune, ActiveDevices active_devices) const
{
    Plan plan(impl_->env, prune, active_devices);
    plan.make(resolved_entries(wanted, impl_->env));
    if (impl_->is_dry_run && !plan.errors().empty()) {
        for (const auto& step : plan.steps())
            impl_->notify_listener(step.outcome);
        for (const auto& outcome : plan.failed())
            if (impl_->listener)
                impl_->listener(outcome);
    }
    check_plan(plan.errors(), plan.failed(), impl_->env, impl_->is_dry_run);
    return impl_->run_several([&](Impl& several) {
        // The host may have changed since the plan was made: a step that
        // another process has already made succeeds.
        several.is_idempotent = true;
        several.is_planned = true;
        std::vector<Error> errors;
        std::size_t changes = 0;
        for (const auto& step : plan.steps()) {
            changes += step.outcome.is_changed ? 1 : 0;
            attempt(several.env, LogLevel::error, errors,
                [&] { several.make_step(step, plan.is_freed(step)); });
        }
        if (!errors.empty())
            throw partial_failure(errors, changes, "host",
                std::to_string(errors.size()) + " of " +
                    std::to_string(plan.steps().size()) + " changes failed");
    });
}

MDEV_API std::vector<Outcome> Manager::diff(
    const HostState& wanted, Prune prune, ActiveDevices active_devices) const
{
    auto comparison = *impl_;
    comparison.is_dry_run = true;
    comparison.is_comparison = true;
    auto outcomes = Manager(std::make_shared<const Impl>(comparison))
                        .apply(wanted, prune, active_devices);
    std::erase_if(
        outcomes, [](const Outcome& outcome) { return !outcome.is_changed(); });
    return outcomes;
}

}
