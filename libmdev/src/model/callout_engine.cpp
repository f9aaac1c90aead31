// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "environment_impl.hpp"
#include "script_directory.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>

namespace mdev {

namespace fs = std::filesystem;

namespace {

/// The script's stdin: the definition, but nothing for `get attributes`, as
/// mdevctl-callouts(7) says.
std::string input_of(CalloutEvent event, const ScriptSubject& subject)
{
    return event == CalloutEvent::get ? "" : compact_json(subject);
}

/// The remembered time-out of a call of this kind: a script that hangs in one
/// question before a command is not asked another question.
std::optional<CalloutResult>& timed_out_in(
    KnownScript& known, CalloutEvent event)
{
    return event == CalloutEvent::post ? known.post_timed_out : known.timed_out;
}

/// The answers of a notifier are remembered for all devices.
ScriptMemory::Pair pair_of(CalloutEvent event, const ScriptSubject& subject)
{
    return event == CalloutEvent::notify ? ScriptMemory::Pair() : subject.key();
}

}

/// A script that has timed out for two types has a tenth of its time limit for
/// the others. At boot, ten types that hang must not use up the time of the
/// unit before other types are started.
std::chrono::milliseconds CalloutEngine::Impl::limit_of(
    const Path& script) const
{
    constexpr std::size_t types = 2;
    constexpr int share = 10;
    const auto limit = env.script_timeout();
    return memory->hanging_pairs(script) < types
        ? limit
        : std::max(limit / share, std::chrono::milliseconds(1));
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
        {}, input, limit_of(script), cancellation(env)};
    if (is_locked)
        call.environment.push_back(
            "MDEVCTL_LOCKED_ROOT=" + absolute_path(env.root()).string());
    // `pre` may have locked or reserved something that only `post` releases, so
    // a cancelled command still ends in order, but soon.
    const bool ends_command =
        event == CalloutEvent::post || event == CalloutEvent::notify;
    if (ends_command)
        call.cancel_grace = std::chrono::seconds(2);
    env.log(LogLevel::debug,
        "Running " + script.string() + " for " + text(word(event)) + " " +
            text(word(action)) + " of device " + subject.uuid.string());
    // A command that is cancelled already starts no other script, however
    // quickly the script would end.
    auto process = !ends_command && call.cancellation.is_requested()
        ? ProcessResult{call.cancellation.is_overdue()
                  ? ProcessResult::End::overdue
                  : ProcessResult::End::cancelled,
              0, {}, {}}
        : run_process(call);
    auto result = callout_result(script, std::move(process), call.timeout);
    if (Access::impl(result).is_timed_out())
        remember_timed_out(result, event, subject, call.timeout);
    return result;
}

/// Without what the script has printed, which is reported once.
void CalloutEngine::Impl::remember_timed_out(const CalloutResult& result,
    CalloutEvent event, const ScriptSubject& subject,
    std::chrono::milliseconds limit) const
{
    const auto& process = Access::impl(result).process;
    const auto pair = pair_of(event, subject);
    memory->with(pair, result.script(), [&](KnownScript& known) {
        timed_out_in(known, event) = callout_result(
            result.script(), {process.end, process.code, {}, {}}, limit);
    });
    memory->remember_hanging(result.script(), pair);
}

CalloutEngine::Impl::Result CalloutEngine::Impl::timed_out(
    const Path& script, CalloutEvent event, const ScriptSubject& subject) const
{
    return memory->with(pair_of(event, subject), script,
        [&](KnownScript& known) { return timed_out_in(known, event); });
}

/// A script that timed out once fails at once for the other devices of its
/// type.
CalloutResult CalloutEngine::Impl::call_unless_timed_out(const Path& script,
    CalloutEvent event, CalloutAction action, const ScriptSubject& subject,
    std::string_view input) const
{
    if (const auto known = timed_out(script, event, subject))
        return *known;
    return call(script, event, action, CalloutState::none, subject, input);
}

/// Without a versioned script: the first that does not decline serves.
std::optional<CalloutResult> CalloutEngine::Impl::ask_each(CalloutEvent event,
    CalloutAction action, const ScriptSubject& subject,
    CalloutLocks* locks) const
{
    const auto input = input_of(event, subject);
    const auto has_declined = [&](const Path& script) {
        return memory->with(subject.key(), script, [&](KnownScript& known) {
            return known.declined.contains({event, action});
        });
    };
    for (const auto& script : callouts) {
        if (has_declined(script))
            continue;
        lock(script, locks);
        // Checked again: the script may have declined in another thread.
        if (!has_declined(script)) {
            auto result =
                call_unless_timed_out(script, event, action, subject, input);
            if (!Access::impl(result).is_declined())
                return result;
            log_errors(env, result, LogLevel::info);
            memory->with(subject.key(), script, [&](KnownScript& known) {
                known.declined.emplace(event, action);
            });
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

MDEV_API CalloutEngine CalloutEngine::with_environment(
    const Environment& env) const
{
    if (env.callout_directories() != impl_->env.callout_directories() ||
        env.notifier_directories() != impl_->env.notifier_directories())
        return CalloutEngine(env);
    auto changed = std::make_shared<Impl>(*impl_);
    changed->env = env;
    return CalloutEngine(std::move(changed));
}

CalloutEngine under_lock(const CalloutEngine& engine)
{
    auto changed = Access::impl(engine);
    changed.is_locked = true;
    return Access::make<CalloutEngine>(std::move(changed));
}

MDEV_API bool CalloutEngine::has_scripts() const
{
    return !impl_->callouts.empty() || !impl_->notifiers.empty();
}

CalloutEngine::Impl::Result CalloutEngine::Impl::run(CalloutEvent event,
    CalloutAction action, const ScriptSubject& subject,
    CalloutLocks* locks) const
{
    const auto choice =
        choose(subject, locks ? locks->limit() : env.callout_lock_timeout());
    if (choice.lost)
        return choice.lost;
    const auto& script = choice.versioned;
    // Only a versioned script can know `live`: an older one would answer an
    // event that it does not know with any exit status.
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
    return with_capabilities(call_unless_timed_out(script->script, event,
                                 action, subject, input_of(event, subject)),
        supports);
}

/// No script is asked for capabilities here: the script that served `pre` has
/// to finish, whatever another script would answer now. If no script served
/// `pre`, nothing has to be finished, except by a versioned script that lists
/// `post` but not `pre`.
CalloutEngine::Impl::Result CalloutEngine::Impl::post(const Result& pre,
    CalloutAction action, CalloutState state,
    const ScriptSubject& subject) const
{
    constexpr auto event = CalloutEvent::post;
    if (pre && Access::impl(*pre).is_lost)
        return {};
    const auto versioned = pre ? std::nullopt : known_versioned(subject);
    if (!pre && !versioned)
        return {};
    const auto& script = pre ? pre->script() : versioned->script;
    const auto& supports =
        pre ? Access::impl(*pre).capabilities : versioned->capabilities;
    if (supports && !supports->has(event, action))
        return {};
    if (timed_out(script, event, subject)) {
        log_passed_over(script);
        return {};
    }
    return call(
        script, event, action, state, subject, input_of(event, subject));
}

std::vector<CalloutResult> CalloutEngine::Impl::notify(CalloutAction action,
    CalloutState state, const ScriptSubject& subject) const
{
    std::vector<CalloutResult> results;
    const auto input = input_of(CalloutEvent::notify, subject);
    for (const auto& script : notifiers)
        if (timed_out(script, CalloutEvent::notify, subject))
            log_passed_over(script);
        else
            results.push_back(call(
                script, CalloutEvent::notify, action, state, subject, input));
    return results;
}

void CalloutEngine::Impl::log_passed_over(const Path& script) const
{
    env.log(LogLevel::info,
        "Script " + script.string() +
            " is not called, because it exceeded its time limit before");
}

MDEV_API std::optional<fs::path> CalloutEngine::versioned_script(
    const Definition& definition) const
{
    const auto choice = impl_->choose(definition);
    if (!choice.versioned)
        return {};
    return choice.versioned->script;
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
