// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
#include "callout_lock.hpp"
#include "callout_protocol.hpp"
#include "process.hpp"
#include "script_subject.hpp"

#include <mdev/callout_engine.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mdev {

/// The result of one call of one script. `reason` is empty if the script
/// accepted.
struct CalloutResult::Impl {
    std::filesystem::path script;
    ProcessResult process;
    std::string reason;

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
        return process.end == ProcessResult::End::cancelled;
    }
};

CalloutResult callout_result(const std::filesystem::path& script,
    ProcessResult process, std::chrono::milliseconds limit);

/// What the script wrote to stdout. Throws std::invalid_argument if the output
/// was truncated: the part that is known could be valid JSON by accident.
const std::string& whole_answer(const CalloutResult& result);

/// The error of a command whose script was ended by a cancellation: the script
/// has not refused.
Error cancelled_script(const CalloutResult& result);

/// What a script may answer with 2.
enum class Question { attributes, operation };

struct VersionedScript {
    std::filesystem::path script;
    Capabilities capabilities;
};

/// What the scripts have answered for one pair of parent and type. Nothing is
/// ever invalidated: a CalloutEngine lives for one command, or until its owner
/// makes a new one.
struct ScriptCache {
    /// Also held while a script is asked for its capabilities, so that threads
    /// that need the same answer wait for it instead of asking again.
    std::mutex mutex;
    /// Whether `versioned` is known. Stays false if the question was cancelled.
    bool asked = false;
    std::optional<VersionedScript> versioned;
    /// The scripts that answered 2 ("not my type") to a question. What a 2
    /// means depends on the question: a script of mdevctl 1.2 answers 2 to `get
    /// capabilities`, which it does not know, and still guards `pre`.
    std::set<std::pair<Question, std::filesystem::path>> declined;
    /// How scripts that outlived their time limit failed: they are not waited
    /// for again in this process.
    std::map<std::filesystem::path, ProcessResult> timed_out;
};

/// Chooses scripts and calls them.
///
/// Who is asked: a versioned script alone serves its parent and type, for every
/// event; what it does not list is skipped. Without one, each event is offered
/// to the scripts in search order, and the first that does not exit with status
/// 2 serves it (mdevctl-callouts(7)). The same script serves `pre` and `post`.
///
/// What is remembered: the versioned script and the scripts that declined, per
/// parent and type. `list` of a thousand devices with three foreign scripts
/// therefore starts three scripts and not three thousand.
///
/// What is not: acceptance. A script that has accepted `pre` for one device may
/// refuse it for the next.
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

    /// By parent and type. References into the map stay valid: nothing is
    /// removed. Shared with the copies that differ in `is_locked`, so that
    /// `live` under the lock does not ask for the capabilities again.
    struct Caches {
        std::mutex mutex;
        std::map<std::pair<std::string, std::string>, ScriptCache> by_type;
    };
    std::shared_ptr<Caches> caches = std::make_shared<Caches>();

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
    std::optional<VersionedScript> versioned(
        const ScriptSubject& subject) const;

    /// Asks the scripts for an active device's attributes. `script` receives
    /// the path of the script that answered, also if its answer is invalid.
    /// What a failing script writes to stderr is logged on level `failed`. Each
    /// script is locked while it is called, up to `limit` for each, because
    /// ap-check takes its lock of the host for this question, too. Throws
    /// Error: Errc::callout_rejected, Errc::cancelled, Errc::timed_out.
    Attributes attributes(const ScriptSubject& subject,
        LogLevel failed = LogLevel::warning,
        std::optional<Path>* script = nullptr) const;
    Attributes attributes(const ScriptSubject& subject, LogLevel failed,
        std::optional<Path>* script, std::chrono::milliseconds limit) const;
    /// The same for several devices; nothing for one whose script fails. Calls
    /// of a script come one after the other; of a script whose capabilities
    /// allow that, as many at a time as there are processors. For scripts that
    /// other commands use, it waits no longer than a script may take, for all
    /// devices together. Throws Error (Errc::cancelled).
    std::vector<Attributes> attributes(
        const std::vector<ScriptSubject>& subjects) const;

    /// Calls one script and waits for its end. Cancellation does not end `post`
    /// and `notify`.
    CalloutResult call(const Path& script, CalloutEvent event,
        CalloutAction action, CalloutState state, const ScriptSubject& subject,
        std::string_view input) const;
    /// The cache for the subject's parent and type, made if necessary.
    ScriptCache& cache_of(const ScriptSubject& subject) const;
    /// Asks the scripts in order until one is versioned. The caller holds the
    /// mutex of `cache`.
    void ask_capabilities(
        ScriptCache& cache, const ScriptSubject& subject) const;
    /// Nothing if the script is not versioned, which is no error: scripts for
    /// mdevctl 1.0 to 1.2 do not know the question.
    std::optional<VersionedScript> read_capabilities(
        const CalloutResult& result, const ScriptSubject& subject) const;
    CalloutResult call_unless_timed_out(const Path& script, CalloutEvent event,
        CalloutAction action, const ScriptSubject& subject,
        std::string_view input) const;
    Result ask_each(CalloutEvent event, CalloutAction action,
        const ScriptSubject& subject, CalloutLocks* locks) const;
    /// Locks a script; does nothing without `locks`.
    void lock(const Path& script, CalloutLocks* locks) const;
};

}
