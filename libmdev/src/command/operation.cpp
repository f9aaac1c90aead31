// SPDX-License-Identifier: LGPL-2.1-or-later
#include "operation.hpp"

#include "callout_engine_impl.hpp"
#include "environment_impl.hpp"
#include "file_descriptor.hpp"
#include "kernel_error.hpp"

#include <mdev/error.hpp>

#include <fcntl.h>
#include <vector>

namespace mdev {

namespace {

Error refusal(const CalloutResult& result)
{
    if (Access::impl(result).is_cancelled())
        return cancelled_script(result);
    const auto path = result.script().string();
    const auto end = Access::impl(result).process.end;
    if (end == ProcessResult::End::timed_out)
        return {Errc::timed_out, path,
            "callout script " + path + result.reason().substr(2)};
    return {Errc::callout_rejected, path,
        "callout script " + path + " refused: " + reason_in_its_words(result)};
}

/// For `post` and notifiers, which cannot refuse: a failure is logged.
void log_result(const Environment& env, const CalloutResult& result)
{
    log_errors(env, result);
    if (!result.is_accepted())
        env.log(LogLevel::warning,
            "Script " + result.script().string() +
                " failed: " + result.reason());
}

void notify(const Environment& env, const CalloutEngine& engine,
    const Operation& operation, CalloutState state)
try {
    for (const auto& result :
        Access::impl(engine).notify(operation.action, state, operation.subject))
        log_result(env, result);
} catch (const Error& error) {
    env.log(LogLevel::warning, error.what());
}

void post(const Environment& env, const CalloutEngine& engine,
    const Operation& operation, const std::optional<CalloutResult>& pre,
    CalloutState state)
try {
    if (const auto result = Access::impl(engine).post(
            pre, operation.action, state, operation.subject))
        log_result(env, *result);
} catch (const Error& error) {
    env.log(LogLevel::warning, error.what());
}

/// File descriptors that are reserved before `pre` and freed for `post`. A
/// process that has reached its limit in the meantime could not start the
/// script, and what `pre` has locked would stay locked.
class DescriptorReserve {
public:
    DescriptorReserve()
    {
        constexpr std::size_t for_a_script = 16;
        while (descriptors_.size() < for_a_script) {
            descriptors_.emplace_back(open("/", O_PATH | O_CLOEXEC));
            if (!descriptors_.back())
                throw kernel_error("Cannot run scripts: cannot open", "/");
        }
    }
    void release() { descriptors_.clear(); }

private:
    std::vector<FileDescriptor> descriptors_;
};

/// Runs a script. If the store is locked, the environment of the script says
/// so.
std::optional<CalloutResult> run_locked(const CalloutEngine& engine,
    CalloutEvent event, const Operation& operation, HeldLocks& held)
{
    const auto asked = held.store ? under_lock(engine) : engine;
    return Access::impl(asked).run(
        event, operation.action, operation.subject, &held.scripts);
}

}

void run_in_order(const Environment& env, const CalloutEngine& engine,
    const Operation& operation, HeldLocks& held,
    const std::function<void()>& command)
{
    if (!engine.has_scripts())
        return command();
    DescriptorReserve reserve;
    const auto pre = run_locked(engine, CalloutEvent::pre, operation, held);
    if (pre)
        log_errors(env, *pre);
    if (pre && !pre->is_accepted()) {
        const auto error = refusal(*pre);
        // --force overrides a script's refusal, not the user's own
        // cancellation.
        if (!operation.is_forced || is_end_of_command(env, error)) {
            held.store.reset();
            held.scripts.release();
            notify(env, engine, operation, CalloutState::none);
            throw error;
        }
        env.log(LogLevel::warning,
            std::string("Ignoring rejection (--force): ") + error.what());
    }
    const auto finish = [&](CalloutState state) {
        held.store.reset();
        reserve.release();
        post(env, engine, operation, pre, state);
    };
    const auto finish_and_notify = [&](CalloutState state) {
        finish(state);
        held.scripts.release();
        notify(env, engine, operation, state);
    };
    try {
        command();
    } catch (const StoreBusy&) {
        // This is not the end of the command: the next attempt follows, which
        // needs the locked script and calls the notifiers.
        finish(CalloutState::failure);
        throw;
    } catch (...) {
        finish_and_notify(CalloutState::failure);
        throw;
    }
    finish_and_notify(CalloutState::success);
}

namespace {

Error not_supported(const ScriptSubject& subject)
{
    return {Errc::not_supported, subject.uuid.string(),
        "live update not supported: no callout script for type " +
            subject.type_id + " can do it"};
}

}

void notify_failure(const Environment& env, const CalloutEngine& engine,
    const Operation& operation)
{
    notify(env, engine, operation, CalloutState::failure);
}

void check_live(const CalloutEngine& engine, const ScriptSubject& subject)
{
    const auto choice = Access::impl(engine).choose(subject);
    if (choice.lost)
        throw refusal(*choice.lost);
    if (!choice.versioned)
        throw not_supported(subject);
}

void run_live(const Environment& env, const CalloutEngine& engine,
    const ScriptSubject& subject, HeldLocks& held)
{
    const auto live = run_locked(
        engine, CalloutEvent::live, {CalloutAction::modify, subject}, held);
    if (!live)
        throw not_supported(subject);
    held.store.reset();
    held.scripts.release();
    log_errors(env, *live);
    notify(env, engine, {CalloutAction::modify, subject},
        live->is_accepted() ? CalloutState::success : CalloutState::failure);
    if (!live->is_accepted())
        throw refusal(*live);
}

}
