// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
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

struct CalloutResult::Impl {
    std::filesystem::path script;
    ProcessResult process;
    std::string reason;

    /// "Not my type", in the protocol's words.
    bool is_declined() const
    {
        constexpr int not_my_type = 2;
        return process.end == ProcessResult::End::exited &&
            process.code == not_my_type;
    }
    bool is_cancelled() const
    {
        return process.end == ProcessResult::End::cancelled;
    }
};

CalloutResult callout_result(const std::filesystem::path& script,
    ProcessResult process, std::chrono::milliseconds limit);

/// What a script may answer with 2.
enum class Question { attributes, operation };

struct VersionedScript {
    std::filesystem::path script;
    Capabilities capabilities;
};

/// What the scripts have said about the devices of one type and parent.
struct ScriptCache {
    /// Held while capabilities are asked for, so that it is done once.
    std::mutex mutex;
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

struct CalloutEngine::Impl {
    using Path = std::filesystem::path;
    using Result = std::optional<CalloutResult>;
    /// Nothing where no script knows.
    using Attributes = std::optional<std::vector<Attribute>>;

    Environment env;
    std::vector<Path> callouts;
    std::vector<Path> notifiers;
    /// Whether the scripts run while their caller holds the store's lock.
    bool is_locked = false;

    /// By parent and type; nothing is ever taken out. Shared with the copies
    /// that differ in `is_locked`.
    struct Caches {
        std::mutex mutex;
        std::map<std::pair<std::string, std::string>, ScriptCache> by_type;
    };
    std::shared_ptr<Caches> caches = std::make_shared<Caches>();

    // The public functions, for what a script may be told of.
    Result run(CalloutEvent event, CalloutAction action,
        const ScriptSubject& subject) const;
    Result post(const Result& pre, CalloutAction action, CalloutState state,
        const ScriptSubject& subject) const;
    std::vector<CalloutResult> notify(CalloutAction action, CalloutState state,
        const ScriptSubject& subject) const;
    std::optional<VersionedScript> versioned(
        const ScriptSubject& subject) const;

    /// What the scripts say about an active device's attributes, and which one
    /// does. What a failing script says on stderr is logged on level `failed`.
    /// Throws Error: Errc::callout_rejected, Errc::cancelled.
    Attributes attributes(const ScriptSubject& subject,
        LogLevel failed = LogLevel::warning, Path* script = nullptr) const;
    /// The same for several devices; nothing for one whose script fails. Calls
    /// of a script come one after the other, because ap-check takes a lock of
    /// the host in them; of a script whose capabilities allow that, as many at
    /// a time as there are processors. Throws Error (Errc::cancelled).
    std::vector<Attributes> attributes(
        const std::vector<ScriptSubject>& subjects) const;

    CalloutResult call(const Path& script, CalloutEvent event,
        CalloutAction action, CalloutState state, const ScriptSubject& subject,
        std::string_view input) const;
    ScriptCache& cache_of(const ScriptSubject& subject) const;
    void ask_capabilities(
        ScriptCache& cache, const ScriptSubject& subject) const;
    std::optional<VersionedScript> read_capabilities(
        const CalloutResult& result, const ScriptSubject& subject) const;
    CalloutResult call_unless_timed_out(const Path& script, CalloutEvent event,
        CalloutAction action, const ScriptSubject& subject,
        std::string_view input) const;
    Result ask_each(CalloutEvent event, CalloutAction action,
        const ScriptSubject& subject) const;
};

}
