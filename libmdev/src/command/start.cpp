// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cancellation.hpp"
#include "deadline.hpp"
#include "device_impl.hpp"
#include "difference.hpp"
#include "environment_impl.hpp"
#include "manager_impl.hpp"
#include "parent_locks.hpp"
#include "start_checks.hpp"

#include <mdev/export.hpp>

#include <algorithm>
#include <cerrno>

namespace mdev {

// Starting devices. start() of one device and start_parent() of many use the
// same loop: try each device; report it if it is active or has failed for good;
// keep it for the next round if its parent or type may still appear or its
// driver is busy. A round every 250 ms, until the time is over; without a time
// there is one round.
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

/// Removes a device again that has not got all its attributes. Throws the first
/// error, with that of the removal added to it.
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

void create(const Definition& definition, const MdevType& type)
{
    const auto device = type.create(definition.uuid());
    try {
        for (const auto& [name, value] : definition.attributes())
            device.set_attribute(name, value);
    } catch (const Error& error) {
        roll_back(device, error);
    }
}

std::vector<Definition> automatic(std::vector<Definition> definitions)
{
    std::erase_if(definitions, [](const Definition& definition) {
        return definition.start() != StartMode::automatic;
    });
    return definitions;
}

}

/// The active device, if it has the UUID, parent and type of the definition.
std::optional<Device> Manager::Impl::find_active(
    const Definition& definition) const
{
    auto device = Device::find(definition.uuid(), env);
    return device && is_as_defined(*device, definition) ? device : std::nullopt;
}

/// Starts a device; `active` is what the kernel has now. Returns false if the
/// device is already active as defined.
bool Manager::Impl::start_with_scripts(
    const Definition& definition, const std::optional<Device>& active) const
{
    if (is_idempotent && active && is_as_defined(*active, definition))
        return false;
    if (is_dry_run) {
        check_can_start(definition, active, env);
        return true;
    }
    std::optional<StoreLock> none;
    try {
        run(CalloutAction::start, definition, none, [&] {
            create(definition, check_can_start(definition, active, env));
        });
    } catch (const Error& error) {
        // Another process was faster; udev reports one parent more than once,
        // for example. The kernel's own EEXIST counts without another look: the
        // device of the other process may not be visible yet.
        const bool kernel_has_it = error.cause().value() == EEXIST;
        if (!is_idempotent || error.code() != Errc::already_active ||
            !(kernel_has_it || find_active(definition)))
            throw;
        return false;
    }
    return true;
}

Manager::Impl::StartResult Manager::Impl::try_start(
    const Definition& definition, bool is_last_try) const
{
    StartResult result{outcome_of(CalloutAction::start, definition)};
    try {
        // For one attempt only: while this command waits for a parent, other
        // commands of the process may run their scripts.
        const auto lock = lock_callouts();
        const auto active = Device::find(definition.uuid(), env);
        // No script is called for a device that cannot be created yet: scripts
        // would see `pre` and `post` with failure four times a second. The last
        // attempt goes through everything, so that its error says what is
        // missing.
        if (!is_last_try && !active && is_not_possible_yet(definition, env)) {
            result.is_transient = true;
            return result;
        }
        result.outcome.is_changed = start_with_scripts(definition, active);
    } catch (const Error& cause) {
        result.error =
            with_context(cause, "Cannot start " + describe(definition));
        result.outcome.is_changed = false;
        result.outcome.error = result.error->what();
        result.is_transient = is_transient(cause);
    }
    return result;
}

void Manager::Impl::start_with_retry(std::vector<Definition> definitions,
    milliseconds time, const std::string& whose,
    const StartReport& report) const
{
    const auto what = "Starting the " + whose;
    const Deadline deadline(is_dry_run ? milliseconds(0) : time);
    for (;;) {
        // Asked before the attempts: every device gets a whole attempt after
        // the last pause.
        const bool is_last_try = deadline.has_passed();
        std::erase_if(definitions, [&](const Definition& definition) {
            cancellation(env).check(what, whose);
            const auto result = try_start(definition, is_last_try);
            if (result.is_transient && !is_last_try)
                return false;
            report(result);
            return true;
        });
        if (definitions.empty())
            return;
        cancellation(env).wait(between_tries, what, whose);
    }
}

MDEV_API Device Manager::start(const Definition& definition) const
{
    impl_->start_with_retry({definition}, impl_->wait, describe(definition),
        [&](const Impl::StartResult& result) {
            impl_->notify_listener(result.outcome);
            if (result.error)
                throw *result.error;
        });
    return known_device(impl_->env, definition.uuid(), definition.parent(),
        definition.type_id());
}

/// The definition that `spec` specifies, or a new one for a transient device.
Definition Manager::Impl::resolve_start(const DeviceSpec& spec) const
{
    const auto& uuid = spec.uuid();
    const auto& parent = spec.parent();
    const auto& type_id = spec.type_id();
    const auto defined =
        uuid ? find_unique(*uuid, parent) : std::optional<Definition>();
    if (defined && type_id && *type_id != defined->type_id())
        throw Error(Errc::already_defined, uuid->string(),
            "Cannot start " + describe(*defined) + " as " + *type_id +
                ": it is defined with type " + defined->type_id());
    if (defined)
        return *defined;
    // A transient device that is active already has no definition, but is what
    // the caller wants.
    if (uuid && is_idempotent)
        if (const auto device = Device::find(*uuid, env); device &&
            parent.value_or(device->parent()) == device->parent() &&
            type_id.value_or(device->type_id()) == device->type_id())
            return {*uuid, device->parent(), device->type_id()};
    if (uuid && !parent)
        throw Error(Errc::not_defined, uuid->string(),
            "Cannot start device " + uuid->string() +
                ": it is not defined, so its parent and type must be given");
    if (!parent || !type_id)
        throw incomplete(uuid, "its parent and type must be given");
    return {uuid ? *uuid : Uuid::random(), *parent, *type_id};
}

MDEV_API Device Manager::start(const DeviceSpec& spec) const
{
    std::optional<Definition> definition;
    try {
        definition = impl_->resolve_start(spec);
    } catch (const Error& error) {
        if (spec.uuid())
            impl_->notify_listener({.action = CalloutAction::start,
                .uuid = *spec.uuid(),
                .parent = spec.parent().value_or(""),
                .type_id = spec.type_id().value_or(""),
                .is_changed = false,
                .error = error.what()});
        throw;
    }
    return start(*definition);
}

/// Reports each device. An error is logged and does not stop the others.
void Manager::Impl::start_several(std::vector<Definition> definitions,
    milliseconds time, const std::string& whose) const
{
    const auto count = definitions.size();
    if (count == 0)
        return;
    // A device that is already active is no failure of an autostart.
    auto idempotent = *this;
    idempotent.is_idempotent = true;
    const auto locks = is_dry_run ? std::vector<FileDescriptor>()
                                  : lock_parents(env, definitions, time);
    std::size_t failed = 0;
    idempotent.start_with_retry(
        std::move(definitions), time, whose, [&](const StartResult& result) {
            if (result.error && result.error->code() == Errc::cancelled)
                throw *result.error;
            notify_listener(result.outcome);
            if (!result.error)
                return;
            env.log(LogLevel::error, result.error->what());
            ++failed;
        });
    if (failed > 0)
        throw some_failed(failed, count, whose, "started");
}

MDEV_API void Manager::start_parent(
    std::string_view parent, milliseconds wait) const
{
    impl_->start_several(automatic(impl_->store.of_parent(parent)), wait,
        devices_of(std::string(parent)));
}

MDEV_API void Manager::start_all(milliseconds wait) const
{
    impl_->start_several(automatic(impl_->store.all()), wait, devices_of({}));
}

MDEV_API void Manager::start_defined(
    const std::optional<std::string>& parent) const
{
    impl_->start_several(
        parent ? impl_->store.of_parent(*parent) : impl_->store.all(),
        impl_->wait, devices_of(parent));
}

}
