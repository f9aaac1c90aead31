// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
#include "callout_lock.hpp"
#include "callout_protocol.hpp"
#include "process.hpp"
#include "script_memory.hpp"
#include "script_subject.hpp"

#include <mdev/callout_engine.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// The result of one call of one script. `reason` is empty if the script
/// accepted.
struct CalloutResult::Impl {
    std::filesystem::path script;
    ProcessResult process;
    std::string reason;
    /// What the script supports, if it is versioned.
    std::optional<Capabilities> capabilities{};
    /// Whether the script was called only for its capabilities, and could not
    /// report them.
    bool is_lost = false;

    /// Exit status 2 means "not my type" in the protocol. A script that is
    /// killed or cannot be executed has not declined: as a `pre` it refuses.
    bool is_declined() const
    {
        constexpr int not_my_type = 2;
        return process.end == ProcessResult::End::exited &&
            process.code == not_my_type;
    }
    /// The script has outlived its time limit, and may be stuck.
    bool is_timed_out() const
    {
        return process.end == ProcessResult::End::timed_out ||
            process.end == ProcessResult::End::stuck;
    }
    bool is_cancelled() const
    {
        return process.end == ProcessResult::End::cancelled ||
            process.end == ProcessResult::End::overdue;
    }
};

CalloutResult callout_result(const std::filesystem::path& script,
    ProcessResult process, std::chrono::milliseconds limit);

/// Why the script did not accept, for an error: reason(), and the first line
/// that it wrote to stderr, where scripts explain a refusal.
std::string reason_in_its_words(const CalloutResult& result);

/// What the script wrote to stdout. Throws std::invalid_argument if the output
/// was truncated: the part that is known could be valid JSON by accident.
const std::string& whole_answer(const CalloutResult& result);

/// The error of a command whose script was ended by a cancellation: the script
/// has not refused.
Error cancelled_script(const CalloutResult& result);

/// Whether a script could not report its capabilities: it did not exit by
/// itself, or its answer was truncated. A script that exits without a valid
/// answer is not versioned.
bool is_lost_answer(const CalloutResult& answer);
/// The result for such a script. It refuses every command, because it may be
/// the script that guards the device.
CalloutResult lost_capabilities(const CalloutResult& answer);
/// The result of a versioned script.
CalloutResult with_capabilities(
    const CalloutResult& result, const Capabilities& capabilities);

/// The script that alone serves a device.
struct VersionedScript {
    std::filesystem::path script;
    Capabilities capabilities;
};

/// The script that serves a device: a versioned script; or none, because it is
/// unknown (`lost`); or, without both, the first script that does not decline.
struct Choice {
    std::optional<VersionedScript> versioned{};
    std::optional<CalloutResult> lost{};
};

/// Chooses scripts and calls them.
///
/// Which script is called: a versioned script alone serves its parent and type,
/// for all events; events that it does not list are skipped. Without one, each
/// event is offered to the scripts in search order, and the first that does not
/// exit with status 2 serves it (mdevctl-callouts(7)). The same script serves
/// `pre` and `post`.
///
/// A script with unknown capabilities refuses: if it was killed, hung, printed
/// too much or could not be executed, it may be the script that guards the
/// device. Only a versioned script before it in the search order serves
/// nevertheless.
///
/// ScriptMemory remembers capabilities, declined questions, and time-outs for
/// each script, parent and type. `list` of a thousand devices with three
/// foreign scripts therefore starts three scripts and not three thousand.
///
/// It does not remember acceptance: a script that has accepted `pre` for one
/// device may refuse it for the next.
struct CalloutEngine::Impl {
    using Path = std::filesystem::path;
    using Result = std::optional<CalloutResult>;
    /// Attributes, or nothing if no script answers for the device.
    using Attributes = std::optional<std::vector<Attribute>>;

    Environment env;
    std::vector<Path> callouts;
    std::vector<Path> notifiers;
    /// Whether the scripts run while this process holds the store lock; their
    /// environment then has MDEVCTL_LOCKED_ROOT.
    bool is_locked = false;

    /// Shared with the copies that differ in `is_locked`, so that `live` under
    /// the lock does not ask for the capabilities again.
    std::shared_ptr<const ScriptMemory> memory =
        std::make_shared<const ScriptMemory>();

    // The public functions, for a ScriptSubject: the public ones take a
    // Definition, which an active device need not have.

    /// With `locks`, each script is locked before it is called, and released if
    /// it declines. Throws ScriptBusy if `is_locked` and a lock is not free.
    Result run(CalloutEvent event, CalloutAction action,
        const ScriptSubject& subject, CalloutLocks* locks = nullptr) const;
    Result post(const Result& pre, CalloutAction action, CalloutState state,
        const ScriptSubject& subject) const;
    std::vector<CalloutResult> notify(CalloutAction action, CalloutState state,
        const ScriptSubject& subject) const;
    /// Asks the scripts in order for their capabilities, until a script is
    /// versioned or cannot report them. If another thread already asks a
    /// script, waits for that thread up to `limit`. Throws Error:
    /// Errc::timed_out, Errc::cancelled.
    Choice choose(
        const ScriptSubject& subject, std::chrono::milliseconds limit) const;
    Choice choose(const ScriptSubject& subject) const
    {
        return choose(subject, env.callout_lock_timeout());
    }

    /// Asks the scripts for an active device's attributes. `script` receives
    /// the path of the script that answered, even if its answer is invalid. The
    /// stderr of a failing script is logged on level `failed`. Each script is
    /// locked while it is called, because ap-check also takes its lock of the
    /// host for this question. Throws Error: Errc::callout_rejected,
    /// Errc::cancelled, Errc::timed_out.
    Attributes attributes(const ScriptSubject& subject,
        LogLevel failed = LogLevel::warning,
        std::optional<Path>* script = nullptr) const;
    /// Asks for the attributes with the locks of a command, which keep the lock
    /// of the script that serves. Throws ScriptBusy if `is_locked` and a lock
    /// is not free.
    Attributes attributes(const ScriptSubject& subject, LogLevel failed,
        std::optional<Path>* script, CalloutLocks& locks) const;
    /// The answer of a script for one of several devices.
    struct Answer {
        Attributes attributes{};
        /// The reason why they are unknown, if the script has failed.
        std::optional<Error> failure{};
    };
    /// Asks for the attributes of several devices. A script is called for one
    /// device after the other; if its capabilities allow parallel calls, for as
    /// many at a time as there are processors. Waits for scripts that other
    /// commands use no longer than the time limit of one script, for all
    /// devices together. Failures are logged on LogLevel::info. Throws Error
    /// (Errc::cancelled).
    std::vector<Answer> attributes(
        const std::vector<ScriptSubject>& subjects) const;

    /// Calls one script and waits for its end; remembers a time-out.
    /// After a cancellation, `post` and `notify` still have two seconds.
    CalloutResult call(const Path& script, CalloutEvent event,
        CalloutAction action, CalloutState state, const ScriptSubject& subject,
        std::string_view input) const;
    /// The time-out of the script in an earlier call of this kind.
    Result timed_out(const Path& script, CalloutEvent event,
        const ScriptSubject& subject) const;
    CalloutResult call_unless_timed_out(const Path& script, CalloutEvent event,
        CalloutAction action, const ScriptSubject& subject,
        std::string_view input) const;
    std::chrono::milliseconds limit_of(const Path& script) const;
    void remember_timed_out(const CalloutResult& result, CalloutEvent event,
        const ScriptSubject& subject, std::chrono::milliseconds limit) const;
    void log_passed_over(const Path& script) const;
    /// Adds the capabilities that the script reports to `choice`.
    void ask_capabilities(const Path& script, const ScriptSubject& subject,
        Choice& choice, std::chrono::milliseconds limit) const;
    /// Nothing if the script is not versioned, which is not an error: scripts
    /// for mdevctl 1.0 to 1.2 do not know the question.
    std::optional<Capabilities> read_capabilities(
        const CalloutResult& result, const ScriptSubject& subject) const;
    void report_loss(
        const CalloutResult& lost, const ScriptSubject& subject) const;
    std::string question(const ScriptSubject& subject) const;
    std::optional<VersionedScript> known_versioned(
        const ScriptSubject& subject) const;
    Result ask_each(CalloutEvent event, CalloutAction action,
        const ScriptSubject& subject, CalloutLocks* locks) const;
    /// Locks a script; does nothing without `locks`.
    void lock(const Path& script, CalloutLocks* locks) const;
};

/// Returns a copy for scripts that run while the store is locked: their
/// environment has `MDEVCTL_LOCKED_ROOT`, so that a command that they start
/// fails at once instead of waiting for the lock.
CalloutEngine under_lock(const CalloutEngine& engine);

}
