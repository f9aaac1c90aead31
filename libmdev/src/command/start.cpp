// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cancellation.hpp"
#include "choose_parent.hpp"
#include "config_store_impl.hpp"
#include "create_device.hpp"
#include "deadline.hpp"
#include "device_impl.hpp"
#include "difference.hpp"
#include "duration.hpp"
#include "environment_impl.hpp"
#include "kernel_interface.hpp"
#include "manager_impl.hpp"
#include "parent_locks.hpp"
#include "removal.hpp"
#include "start_checks.hpp"
#include "text.hpp"
#include "unfinished_start.hpp"

#include <mdev/export.hpp>

#include <cerrno>

namespace mdev {

// Starting devices. start() of one device and start_parent() of many use the
// same loop. A round tries each device. A device that is active, or cannot
// start later either, is reported. A device whose parent or type may still
// appear, or whose driver is busy, is kept for the next round. A round every
// 250 ms, until the time is over; without a time there is one round.
//
// One attempt: `pre`; the checks of start_checks.hpp, which come after `pre`
// because it may prepare the host; `create`; each attribute in order. If an
// attribute is refused, the device is removed again: a device with half of its
// attributes would look started.

namespace {

using std::chrono::milliseconds;

/// The pause between two rounds. There is no event to wait for instead: not
/// every kernel announces a parent by a uevent, and none announces a type.
constexpr milliseconds between_tries(250);

Error gave_up(const Error& error, const std::string& why, milliseconds time)
{
    return {Errc::timed_out, error.cause(), error.subject(),
        "gave up after " + duration(time) + ": " + why};
}

/// Why a device could not be started within the time limit.
Error gave_up(
    const Error& error, const Definition& definition, milliseconds time)
{
    std::string what = error.what();
    if (error.code() == Errc::no_such_parent)
        what = "parent '" + definition.parent() + "' did not appear";
    else if (error.code() == Errc::no_such_type)
        what = "parent '" + definition.parent() + "' did not offer type '" +
            definition.type_id() + "'";
    return gave_up(error, what, time);
}

}

/// How far the start of an active device has come. Waits for another process
/// that is writing the attributes, except in a dry run; then `found` is the
/// device after the wait. Throws Error: Errc::timed_out, Errc::cancelled.
StartProgress Manager::Impl::progress_of(std::optional<Device>& found) const
{
    if (!found)
        return StartProgress::complete;
    const auto progress = start_progress(env, *found);
    if (progress != StartProgress::going_on || is_dry_run)
        return progress;
    const auto uuid = found->uuid();
    wait_for_start(env, uuid);
    found = Device::find(uuid, env);
    return found ? start_progress(env, *found) : StartProgress::complete;
}

/// Whether `found`, the active device of the UUID, is as defined and has all
/// its attributes; see progress_of().
bool Manager::Impl::is_started(
    const Definition& definition, std::optional<Device>& found) const
{
    const auto progress = progress_of(found);
    return found && is_as_defined(*found, definition) &&
        progress == StartProgress::complete;
}

/// Whether the device is started within a quarter of a second: the kernel
/// refuses the UUID of a device that another process is creating before it
/// shows that device.
bool Manager::Impl::is_started_soon(const Definition& definition) const
{
    for (milliseconds nap(1); nap < between_tries; nap *= 2) {
        if (auto found = Device::find(definition.uuid(), env))
            return is_started(definition, found);
        if (cancellation(env).is_requested_within(nap))
            break;
    }
    return false;
}

/// Starts a device; `found` is the active device of its UUID. Returns false if
/// the device is already active as defined.
bool Manager::Impl::start_with_scripts(const Definition& definition,
    std::optional<Device> found, HeldLocks& held) const
{
    if (is_idempotent && is_started(definition, found))
        return false;
    if (is_dry_run) {
        const bool is_half_made = found && is_as_defined(*found, definition) &&
            start_progress(env, *found) == StartProgress::ended;
        const auto type = check_can_start(
            definition, is_half_made ? std::nullopt : found, env);
        Access::impl(type).kernel->check_create(type);
        return true;
    }
    try {
        run(CalloutAction::start, definition, held, [&] {
            // The state of the host may have changed while the scripts ran.
            create_device(env, definition,
                engine.has_scripts() ? Device::find(definition.uuid(), env)
                                     : found);
        });
    } catch (const Error& error) {
        // Another process was faster; udev reports one parent more than once,
        // for example.
        if (!is_idempotent || error.code() != Errc::already_active ||
            !is_started_soon(definition))
            throw;
        return false;
    }
    return true;
}

Manager::Impl::StartResult Manager::Impl::try_start(
    const Definition& definition, bool is_last_try, milliseconds waited) const
{
    StartResult result{outcome_of(CalloutAction::start, definition)};
    try {
        auto held = locks();
        const auto active = Device::find(definition.uuid(), env);
        // No script is called for a device that cannot be created yet: scripts
        // would see `pre` and `post` with failure four times a second. The last
        // attempt makes all steps, so that its error names what is missing.
        if (!is_last_try && !active && is_not_possible_yet(definition, env)) {
            result.is_transient = true;
            return result;
        }
        result.outcome.after = definition;
        result.outcome.is_changed =
            start_with_scripts(definition, active, held);
        if (!result.outcome.is_changed)
            result.outcome.before = definition;
    } catch (const Error& failure) {
        result.is_transient = is_transient(failure);
        const auto cause = result.is_transient && waited > milliseconds(0)
            ? gave_up(failure, definition, waited)
            : failure;
        result.error =
            with_context(cause, "Cannot start " + describe(definition));
        result.cause = cause.what();
        result.outcome.fail(*result.error);
    }
    return result;
}

void Manager::Impl::start_with_retry(std::vector<Definition> definitions,
    milliseconds time, const std::string& whose, const StartReport& report,
    ParentLocks* locks) const
{
    const auto cancel = cancellation(env);
    const auto try_unless_cancelled = [&](const Definition& definition,
                                          bool is_last_try) {
        if (!cancel.is_requested())
            return try_start(
                definition, is_last_try, is_dry_run ? milliseconds(0) : time);
        StartResult result{outcome_of(CalloutAction::start, definition)};
        result.error = cancel.error("Starting the " + whose, whose);
        result.outcome.fail(*result.error);
        return result;
    };
    const Deadline deadline(is_dry_run ? milliseconds(0) : time);
    for (;;) {
        // Checked before the attempts: every device gets a whole attempt after
        // the last pause.
        const bool is_last_try = deadline.has_passed();
        std::erase_if(definitions, [&](const Definition& definition) {
            if (locks)
                locks->lock(definition.parent());
            const auto result = try_unless_cancelled(definition, is_last_try);
            if (result.is_transient && !is_last_try)
                return false;
            report(definition, result);
            return true;
        });
        if (locks)
            locks->release();
        if (definitions.empty())
            return;
        // The next round reports a cancellation.
        cancel.is_requested_within(between_tries);
    }
}

MDEV_API Device Manager::start(const Definition& definition) const
{
    impl_->start_with_retry({definition}, impl_->wait, describe(definition),
        [&](const Definition&, const Impl::StartResult& result) {
            impl_->notify_listener(result.outcome);
            if (result.error)
                throw *result.error;
        });
    const auto* kernel = interface_of(impl_->env, definition.parent());
    return known_device(kernel ? *kernel : mdev_bus(), impl_->env,
        definition.uuid(), definition.parent(), definition.type_id());
}

/// The definition that `spec` specifies, or a new one for a transient device.
Definition Manager::Impl::resolve_start(const DeviceSpec& wanted) const
{
    const auto spec = choose_parent(wanted, ChosenFor::start, store, env);
    const auto& uuid = spec.uuid();
    const auto& parent = spec.parent();
    const auto& type_id = spec.type_id();
    const auto file =
        uuid ? find_unique(*uuid, parent) : std::optional<DefinitionFile>();
    const auto defined =
        file ? read_definition(env, *file) : std::optional<Definition>();
    if (defined && type_id && *type_id != defined->type_id())
        throw Error(Errc::already_defined, uuid->string(),
            "Cannot start " + describe(*defined) + " as " + *type_id +
                ": it is defined with type " + defined->type_id());
    if (defined)
        return *defined;
    // A transient device that is active already has no definition, but is what
    // the caller wants.
    if (uuid && is_idempotent)
        if (const auto device = Device::find(*uuid, env)) {
            Definition same(*uuid, parent.value_or(device->parent()),
                type_id.value_or(device->type_id()));
            if (is_as_defined(*device, same))
                return same;
        }
    if (uuid && (!parent || !type_id))
        throw not_defined_for_start(*uuid, parent);
    if (!parent || !type_id)
        throw incomplete(uuid, missing(parent, type_id));
    return {uuid ? *uuid : Uuid::random(), *parent, *type_id};
}

/// The error of a start of a device that is not defined, or not on that parent.
Error Manager::Impl::not_defined_for_start(
    const Uuid& uuid, const std::optional<std::string>& parent) const
{
    const auto others = parent ? parents_of(find_files(env, uuid, {}))
                               : std::vector<std::string>();
    return {Errc::not_defined, uuid.string(),
        "Cannot start device " + uuid.string() +
            (parent ? " on " + *parent : "") +
            (others.empty()
                    ? ": it is not defined"
                    : ": it is defined on " + joined(others) + " only")};
}

/// Calls resolve_start(), as soon as the functions of a card exist.
Definition Manager::Impl::await_start(const DeviceSpec& spec) const
{
    const auto cancel = cancellation(env);
    const Deadline deadline(is_dry_run ? milliseconds(0) : wait);
    for (;;)
        try {
            return resolve_start(spec);
        } catch (const Error& error) {
            if (is_dry_run || wait == milliseconds(0) || !is_transient(error))
                throw;
            if (deadline.has_passed())
                throw gave_up(error, error.what(), wait);
            const auto card = spec.parent().value_or("");
            cancel.wait(between_tries, "Starting a device on " + card, card);
        }
}

MDEV_API Device Manager::start(const DeviceSpec& spec) const
{
    return start(impl_->report_failure(outcome_of(CalloutAction::start, spec),
        [&] { return impl_->await_start(spec); }));
}

}
