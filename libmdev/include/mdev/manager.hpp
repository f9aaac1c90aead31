// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/device_spec.hpp>
#include <mdev/environment.hpp>
#include <mdev/host_state.hpp>
#include <mdev/outcome.hpp>
#include <mdev/uuid.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// What modify_live() changes.
enum class LiveScope {
    device, ///< the active device only
    device_and_definition, ///< also the stored definition, after the device
};

/// What a command does with a device that a process has open.
enum class InUse {
    wait, ///< wait until it is closed and the kernel has removed it
    refuse, ///< do not stop the device
};

/// The commands, which change the kernel's devices and the store.
///
/// A command first calls the device's callout script, which may reject the
/// operation. Then the command succeeds, or throws Error and leaves everything
/// unchanged. Finally the command informs the script and the notifiers of the
/// result; their failures are logged.
///
/// A command for one device returns its result, or the Device or Definition
/// that it has made. A command for several devices returns all results in their
/// order. If a device fails, the command throws Error instead, with the failed
/// results in Error::outcomes(). The listener receives every result, even if
/// the command throws.
///
/// Any thread may use any copy, and commands on different devices may run at
/// the same time. A callout script serves one command of a process at a time,
/// from `pre` to `post`, unless its capabilities say that it may serve several.
class Manager {
public:
    /// Lists the scripts once. Construct a new Manager to list them again.
    explicit Manager(const Environment& env);

    /// Returns a copy for another Environment, such as that of one request. The
    /// copy shares the remembered answers of scripts, unless `env` has other
    /// directories of scripts.
    Manager with_environment(const Environment& env) const;
    /// Returns a copy whose commands can be cancelled through `descriptor`; see
    /// Environment::with_cancel().
    Manager with_cancel(int descriptor) const;
    /// Returns a copy whose commands end at `deadline`; see
    /// Environment::with_deadline().
    Manager with_deadline(std::chrono::steady_clock::time_point deadline) const;
    /// Returns a copy that calls `listener` once per affected device with the
    /// result, on success and on failure, in the thread of the command. The
    /// listener may call commands. It must not call start_parent(), start_all()
    /// or start_defined() if one of these three has called it.
    Manager with_listener(OutcomeFunction listener) const;
    /// Returns a copy that continues even if a callout script rejects an
    /// operation; the script's message becomes a warning in the log.
    Manager with_force() const;
    /// Returns a copy whose commands make every check and change nothing. They
    /// report to the listener what they would do, and run no script that could
    /// reject an operation. A Device that the copy returns need not exist.
    Manager with_dry_run() const;
    /// Returns a copy that treats an already satisfied request as success. A
    /// device may already be active with the requested parent and type, or
    /// already be inactive. A definition may already be stored with the same
    /// content, or already be missing.
    Manager with_idempotence() const;
    /// Returns a copy whose start() and start_defined() wait up to `wait` for
    /// late parents, types and busy drivers; see start_parent(). The default is
    /// not to wait.
    Manager with_wait(std::chrono::milliseconds wait) const;
    /// Returns a copy whose start_parent(), start_all() and start_defined()
    /// retry devices that failed up to `count` times, after a pause each time.
    /// The default is not to retry. A script that timed out is not called
    /// again; see CalloutEngine.
    Manager with_retries(unsigned count, std::chrono::milliseconds pause) const;

    /// Returns a copy with another behavior for devices that a process has
    /// open; the default is InUse::wait. With InUse::refuse, stopping such a
    /// device throws Error (Errc::in_use), and the device remains active. The
    /// check follows `pre` and finds the processes of Device::users(). If a
    /// process opens the device after the check, the command waits
    /// nevertheless.
    Manager with_in_use(InUse in_use) const;
    /// Returns a copy that waits up to `limit`, and at least a second, for the
    /// kernel to remove a device that a process has open. The default is to
    /// wait without limit. After the limit, stopping the device throws Error
    /// (Errc::in_use), and the kernel completes the removal when the device is
    /// closed.
    Manager with_timeout(std::chrono::milliseconds limit) const;

    /// Stores a new definition. Throws Error (Errc::already_defined) if the
    /// UUID is already defined under the parent.
    Outcome define(const Definition& definition) const;
    /// Stores a new definition made from `spec`. The default UUID is a random
    /// one. The default parent and type are those of the active device of that
    /// UUID. Waits up to the lock timeout for another process that is starting
    /// this device. Returns the stored definition. Throws Error
    /// (Errc::incomplete) if `spec` and the active device do not determine
    /// parent and type.
    Definition define(const DeviceSpec& spec) const;

    /// Removes the definition under `parent`, or every definition of that UUID;
    /// after with_force() also an invalid one. Throws Error (Errc::not_defined)
    /// if there is none; Errc::partial_failure if one of several stays.
    std::vector<Outcome> undefine(
        const Uuid& uuid, const std::optional<std::string>& parent) const;

    /// Calls `edit` with the definition and stores the result. The store is
    /// locked from reading to writing, so that concurrent changes are not lost.
    /// A command or a lock of the store in `edit` would wait for this lock: it
    /// throws Error (Errc::lock_held) instead. `edit` is called again, with the
    /// new contents, if the definition was changed while the command waited for
    /// a callout script. Throws Error: Errc::not_defined, Errc::ambiguous, or
    /// whatever `edit` throws.
    Outcome modify(const Uuid& uuid, const std::optional<std::string>& parent,
        const std::function<void(Definition&)>& edit) const;
    /// Replaces the definition with the same UUID and parent, or stores a new
    /// one.
    Outcome modify(const Definition& definition) const;

    /// Changes an active device to match `definition`, through a versioned
    /// script that supports live changes. With
    /// LiveScope::device_and_definition, then also replaces the stored
    /// definition. Throws Error: Errc::not_active; Errc::no_such_parent or
    /// Errc::no_such_type if the device is active with another parent or type;
    /// Errc::not_supported without such a script; Errc::callout_rejected if the
    /// script fails.
    Outcome modify_live(const Definition& definition, LiveScope scope) const;
    /// Calls `edit` with the active device as a definition, and changes the
    /// device to match the edited definition. Settings that `edit` does not
    /// change remain. The definition has the attributes that the script
    /// reports, or the stored ones if the script reports none, and the stored
    /// start mode and unknown members. With LiveScope::device_and_definition,
    /// the edited definition is stored afterwards. The store is locked while
    /// `edit` runs; see modify(). Throws Error like the function above, and
    /// whatever `edit` throws.
    Outcome modify_live(const Uuid& uuid,
        const std::function<void(Definition&)>& edit, LiveScope scope) const;

    /// Starts a device that need not be defined. If the function throws Error,
    /// the device is not active.
    Device start(const Definition& definition) const;
    /// Starts the definition that matches `spec`; if there is none, a transient
    /// device of that parent and type, whose default UUID is a random one.
    /// Throws Error: Errc::ambiguous, Errc::incomplete, and the errors of
    /// start() with a Definition.
    Device start(const DeviceSpec& spec) const;

    /// Stops a device. If a process has the device open, waits or fails; see
    /// with_in_use() and with_timeout(). Throws Error: Errc::not_active;
    /// Errc::in_use, with the processes in Error::users(); Errc::cancelled;
    /// Errc::timed_out at a deadline. The kernel completes a removal that has
    /// begun even if the function throws.
    Outcome stop(const Uuid& uuid) const;

    /// Starts every definition of a parent with StartMode::automatic, in the
    /// order of their UUIDs. A device that is already active is not an error.
    /// Waits up to `wait` for the parent, a type or a busy driver (EAGAIN,
    /// EBUSY, ENODEV), and for the last user of a device that is being removed.
    /// A device that fails does not stop the others. At the end, each cause of
    /// failure is logged once for each type of a parent, with the affected
    /// devices. With LogLevel::info, each device is also logged separately.
    /// Processes that start devices of the same parent wait for each other.
    /// Throws Error (Errc::partial_failure) at the end if a device failed.
    std::vector<Outcome> start_parent(
        std::string_view parent, std::chrono::milliseconds wait) const;
    /// Starts every definition with StartMode::automatic, of all parents; see
    /// start_parent().
    std::vector<Outcome> start_all(std::chrono::milliseconds wait) const;
    /// Starts every definition, of that parent if one is specified, whatever
    /// its start mode. Waits up to the limit of with_wait(), and fails like
    /// start_parent().
    std::vector<Outcome> start_defined(
        const std::optional<std::string>& parent) const;

    /// Stops every active device, of that parent if one is specified. Devices
    /// that appear to be in use are stopped last, because the kernel waits for
    /// their users. Each failure is logged and does not stop the others. Throws
    /// Error (Errc::partial_failure) at the end if a device failed or cannot be
    /// read; Errc::in_use if each device was in use. With a parent, a device
    /// that another process has started on another parent in the meantime
    /// remains active.
    std::vector<Outcome> stop_all(
        const std::optional<std::string>& parent) const;

    /// Establishes the state that `wanted` describes, in this order: stop,
    /// undefine, define and modify, start. Throws Error, with nothing changed,
    /// if a check made before the first step fails.
    ///
    /// If `wanted` does not specify whether a device is active, a device with
    /// StartMode::automatic is started. A device that is active with another
    /// parent or type is not stopped. The listener is called for each device,
    /// also for unchanged ones. A step that fails is logged and does not stop
    /// the others. Throws Error at the end: Errc::partial_failure if a step
    /// failed; the kernel's error if the caller lacks the permission for every
    /// change, also in a dry run.
    std::vector<Outcome> apply(const HostState& wanted, Prune prune,
        ActiveDevices active_devices) const;
    /// Returns what apply() would change: the results of a dry run, without
    /// those of devices that need no change. Outcome::before() and
    /// Outcome::after() are the old and the new values. Throws Error like
    /// apply() if a check fails.
    std::vector<Outcome> diff(const HostState& wanted, Prune prune,
        ActiveDevices active_devices) const;

private:
    struct Impl;
    explicit Manager(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
