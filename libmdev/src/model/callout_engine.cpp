// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "environment_impl.hpp"
#include "script_directory.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>
#include <stdexcept>

namespace mdev {

namespace fs = std::filesystem;

namespace {

/// The script's stdin: the definition, but nothing for `get attributes`, as
/// mdevctl-callouts(7) says.
std::string input_of(CalloutEvent event, const ScriptSubject& subject)
{
    return event == CalloutEvent::get ? "" : compact_json(subject);
}

}

CalloutResult CalloutEngine::Impl::call(const fs::path& script,
    CalloutEvent event, CalloutAction action, CalloutState state,
    const ScriptSubject& subject, std::string_view input) const
{
    const auto text = [](std::string_view word) { return std::string(word); };
    ProcessCall call{script,
        // All flags, always, in this order: a part of the protocol, see
        // mdevctl-callouts(7).
        {"-t", subject.type_id, "-e", text(word(event)), "-a",
            text(word(action)), "-s", text(word(state)), "-u",
            subject.uuid.string(), "-p", subject.parent},
        {}, input, env.script_timeout(), cancellation(env)};
    if (is_locked)
        call.environment.push_back(
            "MDEVCTL_LOCKED_ROOT=" + absolute_path(env.root()).string());
    // `pre` may have locked or reserved something that only `post` releases, so
    // a cancelled command still ends in order. The script's time limit remains.
    if (event == CalloutEvent::post || event == CalloutEvent::notify)
        call.cancellation = Cancellation();
    env.log(LogLevel::debug,
        "Running " + script.string() + " for " + text(word(event)) + " " +
            text(word(action)) + " of device " + subject.uuid.string());
    // A command that is cancelled already starts no script, however quickly the
    // script would end.
    auto result = call.cancellation.is_requested()
        ? ProcessResult{ProcessResult::End::cancelled, 0, {}, {}}
        : run_process(call);
    return callout_result(script, std::move(result), call.timeout);
}

ScriptCache& CalloutEngine::Impl::cache_of(const ScriptSubject& subject) const
{
    const std::lock_guard guard(caches->mutex);
    return caches->by_type[subject.key()];
}

std::optional<VersionedScript> CalloutEngine::Impl::versioned(
    const ScriptSubject& subject) const
{
    if (callouts.empty())
        return {};
    auto& known = cache_of(subject);
    const std::lock_guard guard(known.mutex);
    if (!known.asked)
        ask_capabilities(known, subject);
    return known.versioned;
}

void CalloutEngine::Impl::ask_capabilities(
    ScriptCache& cache, const ScriptSubject& subject) const
{
    using End = ProcessResult::End;
    bool is_certain = true;
    for (const auto& script : callouts) {
        const auto result =
            call(script, CalloutEvent::get, CalloutAction::capabilities,
                CalloutState::none, subject, provided_capabilities());
        const auto& end = Access::impl(result).process;
        if (Access::impl(result).is_timed_out())
            cache.timed_out.emplace(script, end);
        // A lost answer says nothing: the next command asks again.
        is_certain = is_certain && end.end != End::cancelled &&
            end.end != End::unknown && end.end != End::not_started;
        if (!Access::impl(result).is_declined() &&
            (cache.versioned = read_capabilities(result, subject)))
            break;
        if (end.end == End::cancelled)
            return;
    }
    cache.asked = is_certain || cache.versioned;
}

std::optional<VersionedScript> CalloutEngine::Impl::read_capabilities(
    const CalloutResult& result, const ScriptSubject& subject) const
try {
    // The exit status does not matter, except for 2: scripts of
    // mdevctl-callouts(7) may answer and exit with any other status. A script
    // that hangs or crashes deserves a warning, because its `pre` would refuse
    // every command.
    const auto end = Access::impl(result).process.end;
    if (end == ProcessResult::End::timed_out ||
        end == ProcessResult::End::killed)
        env.log(LogLevel::warning,
            "Callout script " + result.script().string() +
                " does not say its capabilities: " + result.reason());
    if (end != ProcessResult::End::exited || result.output().empty())
        return {};
    std::vector<std::string> unknown;
    VersionedScript versioned{
        result.script(), parse_capabilities(whole_answer(result), unknown)};
    for (const auto& word : unknown)
        env.log(LogLevel::warning,
            "Callout script " + result.script().string() + " supports '" +
                word + "', which is unknown and ignored");
    return versioned;
} catch (const std::invalid_argument& error) {
    env.log(LogLevel::warning,
        "Callout script " + result.script().string() +
            " is not versioned: its capabilities for type " + subject.type_id +
            " make no sense: " + error.what());
    return {};
}

/// A script that timed out once fails at once for the other devices of its
/// type.
CalloutResult CalloutEngine::Impl::call_unless_timed_out(const Path& script,
    CalloutEvent event, CalloutAction action, const ScriptSubject& subject,
    std::string_view input) const
{
    auto& cache = cache_of(subject);
    {
        const std::lock_guard guard(cache.mutex);
        if (const auto known = cache.timed_out.find(script);
            known != cache.timed_out.end())
            return callout_result(script, known->second, env.script_timeout());
    }
    auto result =
        call(script, event, action, CalloutState::none, subject, input);
    const auto& process = Access::impl(result).process;
    if (Access::impl(result).is_timed_out()) {
        const std::lock_guard guard(cache.mutex);
        cache.timed_out.emplace(
            script, ProcessResult{process.end, process.code, {}, {}});
    }
    return result;
}

/// Without a versioned script: the first that does not decline serves.
std::optional<CalloutResult> CalloutEngine::Impl::ask_each(CalloutEvent event,
    CalloutAction action, const ScriptSubject& subject,
    CalloutLocks* locks) const
{
    const auto question =
        event == CalloutEvent::get ? Question::attributes : Question::operation;
    auto& cache = cache_of(subject);
    const auto input = input_of(event, subject);
    const auto has_declined = [&](const Path& script) {
        const std::lock_guard guard(cache.mutex);
        return cache.declined.contains({question, script});
    };
    for (const auto& script : callouts) {
        if (has_declined(script))
            continue;
        lock(script, locks);
        // Looked again: it may have told another thread meanwhile.
        if (!has_declined(script)) {
            auto result =
                call_unless_timed_out(script, event, action, subject, input);
            if (!Access::impl(result).is_declined())
                return result;
            const std::lock_guard guard(cache.mutex);
            cache.declined.emplace(question, script);
        }
        if (locks)
            locks->release(script);
    }
    return {};
}

void CalloutEngine::Impl::lock(const Path& script, CalloutLocks* locks) const
{
    if (locks && is_locked)
        locks->take_if_free(script);
    else if (locks)
        locks->take(script);
}

MDEV_API CalloutEngine::CalloutEngine(const Environment& env)
{
    Impl impl{env, list_scripts(env.callout_directories(), env),
        list_scripts(env.notifier_directories(), env)};
    impl_ = std::make_shared<const Impl>(std::move(impl));
}

CalloutEngine::CalloutEngine(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API CalloutEngine CalloutEngine::under_lock() const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->is_locked = true;
    return CalloutEngine(std::move(changed));
}

MDEV_API bool CalloutEngine::has_scripts() const
{
    return !impl_->callouts.empty() || !impl_->notifiers.empty();
}

CalloutEngine::Impl::Result CalloutEngine::Impl::run(CalloutEvent event,
    CalloutAction action, const ScriptSubject& subject,
    CalloutLocks* locks) const
{
    // Only a versioned script can know `live`: an older one would answer an
    // event that it does not know with any exit status.
    const auto script = versioned(subject);
    if (!script && event == CalloutEvent::live)
        return {};
    if (!script)
        return ask_each(event, action, subject, locks);
    const auto& supports = script->capabilities;
    const bool is_called = supports.has(event, action);
    // A `post` without a `pre` needs the lock as well.
    const bool is_called_later =
        event == CalloutEvent::pre && supports.has(CalloutEvent::post, action);
    if ((is_called || is_called_later) && !supports.is_parallel)
        lock(script->script, locks);
    if (!is_called)
        return {};
    return call_unless_timed_out(
        script->script, event, action, subject, input_of(event, subject));
}

CalloutEngine::Impl::Result CalloutEngine::Impl::post(const Result& pre,
    CalloutAction action, CalloutState state,
    const ScriptSubject& subject) const
{
    // Without a `pre` that was served there is nothing to finish, except for a
    // versioned script that lists `post` but not `pre`.
    constexpr auto event = CalloutEvent::post;
    const auto script = versioned(subject);
    if (script ? !script->capabilities.has(event, action) : !pre)
        return {};
    return call(script ? script->script : pre->script(), event, action, state,
        subject, input_of(event, subject));
}

std::vector<CalloutResult> CalloutEngine::Impl::notify(CalloutAction action,
    CalloutState state, const ScriptSubject& subject) const
{
    std::vector<CalloutResult> results;
    const auto input = input_of(CalloutEvent::notify, subject);
    for (const auto& script : notifiers)
        results.push_back(
            call(script, CalloutEvent::notify, action, state, subject, input));
    return results;
}

MDEV_API std::optional<fs::path> CalloutEngine::versioned_script(
    const Definition& definition) const
{
    if (const auto versioned = impl_->versioned(definition))
        return versioned->script;
    return {};
}

MDEV_API std::optional<CalloutResult> CalloutEngine::run(CalloutEvent event,
    CalloutAction action, const Definition& definition) const
{
    return impl_->run(event, action, definition);
}

MDEV_API std::optional<CalloutResult> CalloutEngine::post(
    const std::optional<CalloutResult>& pre, CalloutAction action,
    CalloutState state, const Definition& definition) const
{
    return impl_->post(pre, action, state, definition);
}

MDEV_API std::vector<CalloutResult> CalloutEngine::notify(CalloutAction action,
    CalloutState state, const Definition& definition) const
{
    return impl_->notify(action, state, definition);
}

}
