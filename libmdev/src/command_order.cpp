// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command_order.hpp"

#include "environment_access.hpp"
#include "script.hpp"

#include <mdev/error.hpp>

#include <poll.h>

namespace mdev {

namespace {

Error refusal(const Environment& env, const CalloutResult& result)
{
    const auto path = result.script().string();
    if (is_cancelled(env))
        return {
            Errc::cancelled, path, "callout script " + path + " was cancelled"};
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
{
    for (const auto& result :
        engine.notify(deed.action, state, deed.definition))
        log_outcome(env, result);
}

void finish(const Environment& env, const CalloutEngine& engine,
    const Deed& deed, const std::optional<CalloutResult>& pre,
    CalloutState state)
{
    if (const auto post = engine.post(pre, deed.action, state, deed.definition))
        log_outcome(env, *post);
    notify(env, engine, deed, state);
}

}

bool is_cancelled(const Environment& env)
{
    struct pollfd asked {
        EnvironmentAccess::cancel(env), POLLIN, 0
    };
    return poll(&asked, 1, 0) > 0;
}

std::unique_lock<std::mutex> take_turn(const CalloutEngine& engine)
{
    // Of the process and not of an Environment, because that is whose lock a
    // script takes.
    static std::mutex mutex;
    if (!engine.has_scripts())
        return {};
    return std::unique_lock(mutex);
}

void run_in_order(const Environment& env, const CalloutEngine& engine,
    const Deed& deed, std::optional<StoreLock>& held,
    const std::function<void()>& command)
{
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
    try {
        command();
    } catch (...) {
        held.reset();
        finish(env, engine, deed, pre, CalloutState::failure);
        throw;
    }
    held.reset();
    finish(env, engine, deed, pre, CalloutState::success);
}

void run_live(const Environment& env, const CalloutEngine& engine,
    const Definition& definition)
{
    const Deed deed{CalloutAction::modify, definition, Force::no};
    const auto live =
        engine.run(CalloutEvent::live, CalloutAction::modify, definition);
    if (!live)
        throw Error(Errc::not_supported, definition.uuid().string(),
            "live update not supported: no callout script for type " +
                definition.type() + " can do it");
    log_errors(env, *live);
    notify(env, engine, deed,
        live->is_accepted() ? CalloutState::success : CalloutState::failure);
    if (!live->is_accepted())
        throw refusal(env, *live);
}

}
