// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "kernel_error.hpp"
#include "operation.hpp"
#include "outcome_impl.hpp"
#include "store_layout.hpp"
#include "unfinished_start.hpp"

#include <mdev/config_store.hpp>
#include <mdev/error.hpp>
#include <mdev/manager.hpp>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mdev {

class ParentLocks;
struct Step;

// The commands share this Impl; each file of this directory implements some of
// them. A command is built from the same parts: locks(), a look at what exists,
// and run() with the scripts around the change. run_and_report() encloses all
// parts, so that the listener is called exactly once for each device, even
// after a failure. A dry run takes the same path up to the change.

struct Manager::Impl {
    Environment env;
    ConfigStore store;
    CalloutEngine engine;
    OutcomeFunction listener{};
    bool is_dry_run = false;
    bool is_idempotent = false;
    bool is_forced = false;
    /// A dry run for diff(), which does not check whether the caller may make
    /// the changes.
    bool is_comparison = false;
    /// Whether a plan has warned of unknown parents and types already.
    bool is_planned = false;
    InUse in_use = InUse::wait;
    /// How long stop() waits for the users of a device; see with_timeout().
    std::chrono::milliseconds timeout = std::chrono::milliseconds::max();
    /// How long start() waits for parents and types; see with_wait().
    std::chrono::milliseconds wait{};
    /// How often a device that failed is tried again; see with_retries().
    unsigned retries = 0;
    std::chrono::milliseconds retry_pause{};
    /// Where the results of a command for several devices are collected.
    std::vector<Outcome>* outcomes = nullptr;

    /// Runs `command`, which fills in the outcome, and notifies the listener.
    /// What the command throws gets `sentence: ` in front.
    template <class Command>
    Outcome run_and_report(OutcomeParts outcome, const std::string& sentence,
        Command command) const;
    /// Runs `command` for several devices, with a copy of this Impl, and
    /// returns their results. The Error that it throws gets those that failed.
    std::vector<Outcome> run_several(
        const std::function<void(Impl& several)>& command) const;
    Outcome notify_listener(OutcomeParts outcome) const;
    /// Returns what `look` returns, which is done before the parts of the
    /// outcome are known. If it throws, the listener is notified as well.
    template <class Look>
    auto report_failure(const OutcomeParts& outcome, Look look) const;
    /// The locks that a command begins with: none. Throws Error
    /// (Errc::lock_held) if this thread runs a function that edits a
    /// definition: the store is locked then, so that a command would wait for
    /// itself.
    HeldLocks locks() const;
    /// The store lock; none in a dry run, which must not even create the lock
    /// file.
    std::optional<StoreLock> lock_store() const;
    /// Calls `command` with the store locked; again, as often as it throws
    /// ScriptBusy, after waiting for the script with the store unlocked.
    void run_with_store(
        HeldLocks& held, const std::function<void()>& command) const;
    void run(CalloutAction action, const ScriptSubject& subject,
        HeldLocks& held, const std::function<void()>& command) const;

    /// The file of a UUID, under `parent` if that is specified. Nothing if
    /// there is none. Throws Error (Errc::ambiguous) if several parents define
    /// the UUID.
    std::optional<DefinitionFile> find_unique(const Uuid& uuid,
        const std::optional<std::string>& parent,
        const std::optional<StoreLock>& held = {}) const;

    // store_commands.cpp
    bool is_defined_alike(const Definition& definition) const;
    std::pair<Definition, std::optional<Device>> resolve_define(
        const DeviceSpec& wanted) const;
    Outcome define(
        Definition& definition, const std::optional<Device>& active) const;
    void add_active_attributes(
        Definition& definition, const Device& device) const;
    void add(const Definition& definition, HeldLocks& held) const;
    std::optional<Definition> read_if_valid(const DefinitionFile& file) const;
    void report_not_defined(
        const Uuid& uuid, const std::optional<std::string>& parent) const;
    void undefine_one(const Uuid& uuid, const std::string& parent) const;
    void undefine(
        const Uuid& uuid, const std::optional<std::string>& parent) const;
    std::optional<Definition> definition_to_undefine(
        const Uuid& uuid, const std::string& parent) const;
    void write(CalloutAction action, const Definition& definition,
        HeldLocks& held,
        const std::function<void(const StoreLock&)>& write) const;
    StoreLock lock_store_soon() const;
    // modify_live.cpp
    Device require_active(const Uuid& uuid) const;
    void check_defined(const Definition& definition) const;
    void change_device(
        const Definition& definition, LiveScope scope, HeldLocks& held) const;
    void store_live(OutcomeParts& outcome,
        const std::optional<Definition>& before, const Definition& after,
        HeldLocks& held) const;
    Definition as_it_runs(const Device& device,
        const std::optional<Definition>& stored, HeldLocks& held) const;

    // store_commands.cpp
    void replace(OutcomeParts& outcome, const std::optional<Definition>& before,
        const Definition& after, HeldLocks& held,
        const std::optional<DefinitionFile>& file) const;

    // The result of one attempt to start a device.
    struct StartResult {
        OutcomeParts outcome;
        /// Nothing if the device is active now, or if the attempt was put off.
        std::optional<Error> error{};
        /// The error without "Cannot start device UUID on PARENT: ".
        std::string cause{};
        /// Whether another attempt may succeed.
        bool is_transient = false;
    };
    using StartReport =
        std::function<void(const Definition&, const StartResult&)>;

    StartProgress progress_of(std::optional<Device>& found) const;
    bool is_started(
        const Definition& definition, std::optional<Device>& found) const;
    bool is_started_soon(const Definition& definition) const;
    bool start_with_scripts(const Definition& definition,
        std::optional<Device> found, HeldLocks& held) const;
    /// One attempt; `waited` is the time that has been waited before the last.
    StartResult try_start(const Definition& definition, bool is_last_try,
        std::chrono::milliseconds waited) const;
    Error not_defined_for_start(
        const Uuid& uuid, const std::optional<std::string>& parent) const;
    /// Starts the definitions in their order. Until `time` has passed, tries
    /// those again whose parent or type may still appear. Calls `report` once
    /// for each definition, with its last result. Throws what `report` throws,
    /// and Error (Errc::cancelled), whose message contains `whose`, the words
    /// for the devices. Each attempt is made under the lock of its parent if
    /// there are `locks`.
    void start_with_retry(std::vector<Definition> definitions,
        std::chrono::milliseconds time, const std::string& whose,
        const StartReport& report, ParentLocks* locks = nullptr) const;
    Definition resolve_start(const DeviceSpec& wanted) const;
    Definition await_start(const DeviceSpec& spec) const;

    // start_many.cpp
    class Failures;
    void notify_listener(const Failures& failures) const;
    /// Starts the definitions and calls the listener for each that is active
    /// now; in the last round, or if it throws Error (Errc::cancelled), for the
    /// others as well.
    Failures start_once(std::vector<Definition> definitions,
        std::chrono::milliseconds time, const std::string& whose,
        bool is_last_round) const;
    /// Starts the definitions, and again as often as `retries` says those that
    /// failed. The failures of the last round are logged. Throws
    /// Error (Errc::partial_failure) if there are any.
    void start_definitions(std::vector<Definition> definitions,
        std::chrono::milliseconds time, const std::string& whose) const;

    // plan_step.cpp
    void make_step(const Step& step, bool is_parent_freed) const;
    void check_start(const Definition& definition) const;
    void check_step(const Step& step, bool is_parent_freed) const;
    void carry_out(const Step& step) const;

    // stop.cpp
    ScriptSubject subject_of(const Device& device) const;
    void remove(const Device& device) const;
    void check_can_stop(const Device& device) const;
    Outcome stop(
        const Uuid& uuid, const std::optional<std::string>& parent = {}) const;
    bool stop_with_scripts(const Device& device, HeldLocks& held) const;
};

template <class Command>
Outcome Manager::Impl::run_and_report(
    OutcomeParts outcome, const std::string& sentence, Command command) const
{
    const auto fail = [&](const auto& why) {
        outcome.fail(why);
        notify_listener(outcome);
    };
    try {
        command(outcome);
    } catch (const Error& cause) {
        const auto error = with_context(cause, sentence);
        fail(error);
        throw error;
    } catch (const std::exception& error) {
        // The exception of a function of the caller, or a lack of memory.
        fail(sentence + ": " + error.what());
        throw;
    } catch (...) {
        fail(sentence + ": a function of the program has thrown an exception");
        throw;
    }
    return notify_listener(std::move(outcome));
}

template <class Look>
auto Manager::Impl::report_failure(const OutcomeParts& outcome, Look look) const
try {
    return look();
} catch (const Error& error) {
    auto failed = outcome;
    failed.fail(error);
    notify_listener(std::move(failed));
    throw;
}

/// For sentences: "device UUID on PARENT".
std::string describe(const Definition& definition);
/// For sentences: "devices of parent PARENT", or "devices" without one.
std::string devices_of(const std::optional<std::string>& parent);
/// The error of a command of which `errors.size()` of `count` changes failed.
/// With the kernel's code if the caller lacks the permission for each change,
/// else Errc::partial_failure.
Error partial_failure(const std::vector<Error>& errors, std::size_t count,
    const std::string& subject, const std::string& sentence);
/// partial_failure() with the sentence "2 of 3 devices of parent PARENT could
/// not be started".
Error some_failed(const std::vector<Error>& errors, std::size_t count,
    const std::string& whose, const std::string& verb);
Error not_active(const Uuid& uuid);
/// `name` is what the sentence calls the device; its UUID if that is empty.
Error not_defined(const Uuid& uuid, const std::optional<std::string>& parent,
    const std::string& name = {});
Error incomplete(const std::optional<Uuid>& uuid, const std::string& why);
/// "its type is not specified", or its parent, or both.
std::string missing(const std::optional<std::string>& parent,
    const std::optional<std::string>& type_id);

}
