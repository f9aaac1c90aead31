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

namespace mdev {

/// What a live change changes.
enum class LiveScope {
    device, ///< the active device only
    device_and_definition, ///< also the stored definition, after the device
};

/// The commands: what is done to the kernel and to the store, in which order.
///
/// A command asks the device's callout script first, which may refuse; then it
/// does what it says or throws Error and leaves things as they were; then the
/// script and the notifiers hear how it went. Their complaints are in the log.
///
/// Any thread may use any copy, and commands on different devices may run at
/// the same time; where there are scripts, one command in a process waits for
/// the other.
class Manager {
public:
    /// Lists the scripts, as CalloutEngine does: make a new one to look again.
    explicit Manager(const Environment& env);

    /// The same that tells `listener` what came of each device that a command
    /// is about, in the end, also when the command fails.
    Manager with_listener(OutcomeFunction listener) const;
    /// Returns a copy that continues even if a callout script rejects an
    /// operation, whose message becomes a warning in the log.
    Manager with_force() const;
    /// The same that makes every check, changes nothing, runs no script that
    /// could refuse, and tells the listener what it would do. A Device that it
    /// returns may not be there.
    Manager with_dry_run() const;
    /// The same that takes for done what is so already: a device that runs with
    /// the parent and type that it should have, or does not run; a definition
    /// that says the same, or is not there.
    Manager with_idempotence() const;
    /// The same whose start() and start_defined() wait so long for what may
    /// still come, as start_parent() does; the default is not to wait.
    Manager with_wait(std::chrono::milliseconds wait) const;

    /// Stores a new definition. Throws Error (Errc::already_defined) if its
    /// UUID is defined under its parent.
    void define(const Definition& definition) const;
    /// Stores a new definition made from `spec`: the default for the UUID is a
    /// random one, the default for the parent and type are those of the active
    /// device of that UUID. Returns the stored definition. Throws Error
    /// (Errc::incomplete) if `spec` and the active device do not say enough.
    Definition define(const DeviceSpec& spec) const;

    /// Removes the definition under `parent`, or every definition of that UUID.
    /// With with_force() also an invalid one. Throws Error (Errc::not_defined)
    /// if there is none.
    void undefine(
        const Uuid& uuid, const std::optional<std::string>& parent) const;

    /// Stores what `edit` makes of the definition; no other change is lost,
    /// whoever makes it at the same time. Throws Error: Errc::not_defined,
    /// Errc::ambiguous, or whatever `edit` throws.
    void modify(const Uuid& uuid, const std::optional<std::string>& parent,
        const std::function<void(Definition&)>& edit) const;
    /// Stores a definition in the place of the one of its UUID and parent, or
    /// as a new one.
    void modify(const Definition& definition) const;

    /// Changes an active device, and perhaps its definition after that, to what
    /// `definition` says, through a versioned script that can do so. Throws
    /// Error: Errc::not_active; Errc::no_such_parent or Errc::no_such_type if
    /// it is active with another one; Errc::not_supported without such a
    /// script; Errc::callout_rejected if the script fails.
    void modify_live(const Definition& definition, LiveScope scope) const;

    /// Starts a device that need not be defined. Throws Error; then the device
    /// does not run.
    Device start(const Definition& definition) const;
    /// Starts the definition that matches `spec`; if there is none, a transient
    /// device of that parent and type, whose default UUID is a random one.
    /// Throws Error: Errc::ambiguous, Errc::incomplete, and what start() of a
    /// Definition throws.
    Device start(const DeviceSpec& spec) const;

    /// Stops a device. The kernel waits for whoever has it open, and so does
    /// this. Throws Error (Errc::not_active) if it does not run.
    void stop(const Uuid& uuid) const;

    /// Starts every definition of a parent that is to start automatically, in
    /// the order of their UUIDs; one that runs already is fine. Waits so long
    /// for what may still come: the parent, a type, a driver that is busy
    /// (EAGAIN, EBUSY, ENODEV). Each failure is logged and does not stop the
    /// others; runs for the same parent take turns. Throws Error
    /// (Errc::partial_failure) in the end if there was one.
    void start_parent(
        std::string_view parent, std::chrono::milliseconds wait) const;
    /// The same for all parents together.
    void start_all(std::chrono::milliseconds wait) const;
    /// The same for every definition, of that parent if one is given, however
    /// it is to start.
    void start_defined(const std::optional<std::string>& parent) const;

    /// Stops every active device, of that parent if one is given; those that
    /// somebody is seen to use come last, because the kernel waits for them.
    /// Each failure is logged and does not stop the others. Throws Error
    /// (Errc::partial_failure) in the end if there was one.
    void stop_all(const std::optional<std::string>& parent) const;

    /// Makes definitions, and what runs, what a document says, in this order:
    /// stop, undefine, define and modify, start. Everything that can be in the
    /// way is looked for first; then it throws Error and nothing has changed.
    /// Where the document does not say whether a device is active, what is
    /// defined to start automatically is started. A device that runs with
    /// another parent or type is not stopped for that. The listener hears of
    /// each device, also of what is as it should be: a second time, of nothing
    /// else. A step that fails is logged and does not stop the others. Throws
    /// Error (Errc::partial_failure) in the end if there was one.
    void apply(const HostState& wanted, Prune prune,
        ActiveDevices active_devices) const;

private:
    struct Impl;
    explicit Manager(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
