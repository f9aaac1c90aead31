// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command_order.hpp"

#include "environment_access.hpp"
#include "file_descriptor.hpp"
#include "kernel_error.hpp"
#include "script.hpp"

#include <mdev/error.hpp>

#include <fcntl.h>
#include <vector>

namespace mdev {

namespace {

Error refusal(const Environment& env, const CalloutResult& result)
{
    const auto path = result.script().string();
    if (cancellation(env).is_requested())
        return Cancellation::error("callout script " + path, path);
    return {Errc::callout_rejected, path,
        "callout script " + path + " refused: " + result.reason()};
}

/// Nobody can refuse any more; what went wrong is only said.
void log_outcome(const Environment& env, const CalloutResult& result)
{
    log_errors(env, result);
    if (!result.is_accepted())
        env.log(LogLevel::warning,
            "Script " + result.script().string() +
                " failed: " + result.reason());
}

void notify(const Environment& env, const CalloutEngine& engine,
    const Deed& deed, CalloutState state)
try {
    for (const auto& result :
        engine.notify(deed.action, state, deed.definition))
        log_outcome(env, result);
} catch (const Error& error) {
    env.log(LogLevel::warning, error.what());
}

void post(const Environment& env, const CalloutEngine& engine, const Deed& deed,
    const std::optional<CalloutResult>& pre, CalloutState state)
try {
    if (const auto result =
            engine.post(pre, deed.action, state, deed.definition))
        log_outcome(env, *result);
} catch (const Error& error) {
    env.log(LogLevel::warning, error.what());
}

/// Descriptors for `post`: a host that has none left must not keep what `pre`
/// has locked.
class Reserve {
public:
    Reserve()
    {
        constexpr std::size_t for_a_script = 16;
        while (descriptors_.size() < for_a_script) {
            descriptors_.emplace_back(open("/", O_PATH | O_CLOEXEC));
            if (!descriptors_.back())
                throw kernel_error(
                    "Cannot run scripts: cannot open", "/dev/null");
        }
    }
    void release() { descriptors_.clear(); }

private:
    std::vector<FileDescriptor> descriptors_;
};

}

Turn take_turn(const Environment& env, const CalloutEngine& engine)
{
    if (!engine.has_scripts())
        return {};
    return {Deadline(env.turn_timeout()), cancellation(env)};
}

void run_in_order(const Environment& env, const CalloutEngine& engine,
    const Deed& deed, std::optional<StoreLock>& held,
    const std::function<void()>& command)
{
    if (!engine.has_scripts())
        return command();
    Reserve reserve;
    const auto pre = (held ? engine.under_lock() : engine)
                         .run(CalloutEvent::pre, deed.action, deed.definition);
    if (pre)
        log_errors(env, *pre);
    if (pre && !pre->is_accepted()) {
        const auto error = refusal(env, *pre);
        if (deed.force == Force::no || error.code() == Errc::cancelled) {
            held.reset();
            notify(env, engine, deed, CalloutState::none);
            throw error;
        }
        env.log(LogLevel::warning,
            std::string("Going on by force, although ") + error.what());
    }
    const auto finish = [&](CalloutState state) {
        held.reset();
        reserve.release();
        post(env, engine, deed, pre, state);
    };
    try {
        command();
    } catch (const StoreBusy&) {
        finish(CalloutState::failure);
        throw;
    } catch (...) {
        finish(CalloutState::failure);
        notify(env, engine, deed, CalloutState::failure);
        throw;
    }
    finish(CalloutState::success);
    notify(env, engine, deed, CalloutState::success);
}

namespace {

Error not_supported(const Definition& definition)
{
    return {Errc::not_supported, definition.uuid().string(),
        "live update not supported: no callout script for type " +
            definition.type() + " can do it"};
}

}

void check_live(const CalloutEngine& engine, const Definition& definition)
{
    if (!engine.versioned_script(definition))
        throw not_supported(definition);
}

void run_live(const Environment& env, const CalloutEngine& engine,
    const Definition& definition, std::optional<StoreLock>& held)
{
    const Deed deed{CalloutAction::modify, definition, Force::no};
    const auto live =
        (held ? engine.under_lock() : engine)
            .run(CalloutEvent::live, CalloutAction::modify, definition);
    if (!live) {
        cancellation(env).check(
            "asking callout scripts", definition.uuid().string());
        throw not_supported(definition);
    }
    held.reset();
    log_errors(env, *live);
    notify(env, engine, deed,
        live->is_accepted() ? CalloutState::success : CalloutState::failure);
    if (!live->is_accepted())
        throw refusal(env, *live);
}

}
