// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "environment_access.hpp"
#include "process.hpp"
#include "script.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace mdev {

namespace fs = std::filesystem;

struct CalloutResult::Impl {
    fs::path script;
    ProcessResult process;
    std::string reason;

    bool is_declined() const
    {
        constexpr int not_my_type = 2;
        return process.end == ProcessResult::End::exited &&
            process.number == not_my_type;
    }
};

struct CalloutAccess {
    static CalloutResult result(CalloutResult::Impl impl)
    {
        return CalloutResult(
            std::make_shared<const CalloutResult::Impl>(std::move(impl)));
    }
    static const CalloutResult::Impl& impl(const CalloutResult& result)
    {
        return *result.impl_;
    }
};

namespace {

struct Versioned {
    fs::path script;
    Capabilities capabilities;
};

/// What the scripts have said about the devices of one type and parent.
struct Memory {
    /// Held while capabilities are asked for, so that it is done once.
    std::mutex mutex;
    bool asked = false;
    std::optional<Versioned> versioned;
    std::set<fs::path> declined;
};

std::string reason_of(
    const ProcessResult& result, std::chrono::milliseconds limit)
{
    using End = ProcessResult::End;
    switch (result.end) {
    case End::exited:
        return result.number == 0
            ? ""
            : "it exited with status " + std::to_string(result.number);
    case End::killed:
        return "it was killed by signal " + std::to_string(result.number);
    case End::timed_out:
        return "it did not end within " + std::to_string(limit.count()) + " ms";
    case End::cancelled: return "it was cancelled";
    case End::lost:
        return "nobody can know how it ended, because this process ignores "
               "SIGCHLD";
    case End::not_started: break;
    }
    return "it could not be executed: " +
        std::generic_category().message(result.number);
}

}

struct CalloutEngine::Impl {
    Environment env;
    std::vector<fs::path> callouts;
    std::vector<fs::path> notifiers;
    bool locked = false;

    /// By parent and type; nothing is ever taken out. Shared with the copies
    /// that differ in `locked`.
    struct Memories {
        std::mutex mutex;
        std::map<std::pair<std::string, std::string>, Memory> by_type;
    };
    std::shared_ptr<Memories> memories = std::make_shared<Memories>();

    CalloutResult call(const fs::path& script, CalloutEvent event,
        CalloutAction action, CalloutState state, const Definition& definition,
        std::string_view input) const;
    Memory& memory(const Definition& definition) const;
    std::optional<Versioned> versioned(const Definition& definition) const;
    void ask_capabilities(Memory& memory, const Definition& definition) const;
    std::optional<Versioned> capabilities(
        const CalloutResult& result, const Definition& definition) const;
    std::optional<CalloutResult> ask_each(CalloutEvent event,
        CalloutAction action, const Definition& definition) const;
    std::vector<Attribute> attributes(const CalloutEngine& engine,
        const Definition& device, LogLevel failed) const;
    void add_attributes(const CalloutEngine& engine,
        const std::vector<Definition*>& devices) const;
};

namespace {

std::pair<std::string, std::string> key(const Definition& definition)
{
    return {definition.parent(), definition.type()};
}

/// Throws std::invalid_argument if it is not all there.
const std::string& answer(const CalloutResult& result)
{
    if (CalloutAccess::impl(result).process.is_cut)
        throw std::invalid_argument("the answer is longer than 1 MiB");
    return result.output();
}

std::string input_of(CalloutEvent event, const Definition& definition)
{
    return event == CalloutEvent::get ? "" : compact_json(definition);
}

[[noreturn]] void throw_rejected(
    const CalloutResult& result, const std::string& reason)
{
    const auto path = result.script().string();
    throw Error(Errc::callout_rejected, path,
        "callout script " + path + " failed to say the attributes: " + reason);
}

}

CalloutResult::CalloutResult(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API const fs::path& CalloutResult::script() const noexcept
{
    return impl_->script;
}

MDEV_API bool CalloutResult::is_accepted() const noexcept
{
    return impl_->reason.empty();
}

MDEV_API const std::string& CalloutResult::reason() const noexcept
{
    return impl_->reason;
}

MDEV_API const std::string& CalloutResult::output() const noexcept
{
    return impl_->process.output;
}

MDEV_API const std::string& CalloutResult::errors() const noexcept
{
    return impl_->process.errors;
}

CalloutResult CalloutEngine::Impl::call(const fs::path& script,
    CalloutEvent event, CalloutAction action, CalloutState state,
    const Definition& definition, std::string_view input) const
{
    const auto text = [](std::string_view word) { return std::string(word); };
    ProcessCall call{script,
        {"-t", definition.type(), "-e", text(word(event)), "-a",
            text(word(action)), "-s", text(word(state)), "-u",
            definition.uuid().string(), "-p", definition.parent()},
        {}, input, env.script_timeout(), cancellation(env)};
    if (locked)
        call.environment.push_back(
            "MDEVCTL_LOCKED_ROOT=" + absolute_path(env.root()).string());
    // What a command has begun is ended in order, whoever wants to stop it.
    if (event == CalloutEvent::post || event == CalloutEvent::notify)
        call.cancellation = Cancellation();
    env.log(LogLevel::debug,
        "Running " + script.string() + " for " + text(word(event)) + " " +
            text(word(action)) + " of device " + definition.uuid().string());
    // A quick script could end before anybody looks at the descriptor.
    auto result = call.cancellation.is_requested()
        ? ProcessResult{ProcessResult::End::cancelled, 0, {}, {}}
        : run_process(call);
    auto reason = reason_of(result, call.limit);
    return CalloutAccess::result(
        {script, std::move(result), std::move(reason)});
}

Memory& CalloutEngine::Impl::memory(const Definition& definition) const
{
    const std::lock_guard guard(memories->mutex);
    return memories->by_type[key(definition)];
}

std::optional<Versioned> CalloutEngine::Impl::versioned(
    const Definition& definition) const
{
    if (callouts.empty())
        return {};
    auto& known = memory(definition);
    const std::lock_guard guard(known.mutex);
    if (!known.asked)
        ask_capabilities(known, definition);
    return known.versioned;
}

void CalloutEngine::Impl::ask_capabilities(
    Memory& memory, const Definition& definition) const
{
    for (const auto& script : callouts) {
        const auto result =
            call(script, CalloutEvent::get, CalloutAction::capabilities,
                CalloutState::none, definition, provided_capabilities());
        if (CalloutAccess::impl(result).process.end ==
            ProcessResult::End::cancelled)
            return; // to be asked again
        if (CalloutAccess::impl(result).is_declined())
            memory.declined.insert(script);
        else if ((memory.versioned = capabilities(result, definition)))
            break;
    }
    memory.asked = true;
}

std::optional<Versioned> CalloutEngine::Impl::capabilities(
    const CalloutResult& result, const Definition& definition) const
try {
    const auto end = CalloutAccess::impl(result).process.end;
    if (end == ProcessResult::End::timed_out ||
        end == ProcessResult::End::killed)
        env.log(LogLevel::warning,
            "Callout script " + result.script().string() +
                " does not say its capabilities: " + result.reason());
    if (end != ProcessResult::End::exited || result.output().empty())
        return {};
    std::vector<std::string> unknown;
    Versioned versioned{
        result.script(), parse_capabilities(answer(result), unknown)};
    for (const auto& word : unknown)
        env.log(LogLevel::warning,
            "Callout script " + result.script().string() + " supports '" +
                word + "', which is unknown and ignored");
    return versioned;
} catch (const std::invalid_argument& error) {
    env.log(LogLevel::warning,
        "Callout script " + result.script().string() +
            " is not versioned: its capabilities for type " +
            definition.type() + " make no sense: " + error.what());
    return {};
}

/// Without a versioned script: the first that does not decline serves.
std::optional<CalloutResult> CalloutEngine::Impl::ask_each(CalloutEvent event,
    CalloutAction action, const Definition& definition) const
{
    auto& known = memory(definition);
    const auto input = input_of(event, definition);
    for (const auto& script : callouts) {
        {
            const std::lock_guard guard(known.mutex);
            if (known.declined.contains(script))
                continue;
        }
        auto result =
            call(script, event, action, CalloutState::none, definition, input);
        if (!CalloutAccess::impl(result).is_declined())
            return result;
        const std::lock_guard guard(known.mutex);
        known.declined.insert(script);
    }
    return {};
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
    changed->locked = true;
    return CalloutEngine(std::move(changed));
}

MDEV_API bool CalloutEngine::has_scripts() const
{
    return !impl_->callouts.empty() || !impl_->notifiers.empty();
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
    const auto versioned = impl_->versioned(definition);
    if (!versioned && event == CalloutEvent::live)
        return {};
    if (!versioned)
        return impl_->ask_each(event, action, definition);
    if (!versioned->capabilities.has(event, action))
        return {};
    return impl_->call(versioned->script, event, action, CalloutState::none,
        definition, input_of(event, definition));
}

MDEV_API std::optional<CalloutResult> CalloutEngine::post(
    const std::optional<CalloutResult>& pre, CalloutAction action,
    CalloutState state, const Definition& definition) const
{
    constexpr auto event = CalloutEvent::post;
    const auto versioned = impl_->versioned(definition);
    if (versioned ? !versioned->capabilities.has(event, action) : !pre)
        return {};
    return impl_->call(versioned ? versioned->script : pre->script(), event,
        action, state, definition, input_of(event, definition));
}

MDEV_API std::vector<CalloutResult> CalloutEngine::notify(CalloutAction action,
    CalloutState state, const Definition& definition) const
{
    std::vector<CalloutResult> results;
    const auto input = input_of(CalloutEvent::notify, definition);
    for (const auto& script : impl_->notifiers)
        results.push_back(impl_->call(
            script, CalloutEvent::notify, action, state, definition, input));
    return results;
}

namespace {

void check_not_cancelled(const CalloutResult& result)
{
    if (CalloutAccess::impl(result).process.end !=
        ProcessResult::End::cancelled)
        return;
    const auto path = result.script().string();
    throw Cancellation::error("callout script " + path, path);
}

/// Throws Error unless the answer makes sense.
std::vector<Attribute> read_attributes(const CalloutResult& result)
{
    if (!result.is_accepted())
        throw_rejected(result, result.reason());
    try {
        return parse_attributes(answer(result));
    } catch (const std::invalid_argument& error) {
        throw_rejected(result, error.what());
    } catch (const Error& error) {
        throw_rejected(result, error.what());
    }
}

}

/// The attributes; a failing script's words are logged on the level `failed`.
std::vector<Attribute> CalloutEngine::Impl::attributes(
    const CalloutEngine& engine, const Definition& device,
    LogLevel failed) const
{
    const auto result =
        engine.run(CalloutEvent::get, CalloutAction::attributes, device);
    if (!result || CalloutAccess::impl(*result).is_declined())
        return {};
    log_errors(env, *result, failed);
    check_not_cancelled(*result);
    return read_attributes(*result);
}

MDEV_API std::vector<Attribute> CalloutEngine::attributes(
    const Definition& device) const
{
    return impl_->attributes(*this, device, LogLevel::warning);
}

/// As many at a time as there are processors.
void CalloutEngine::Impl::add_attributes(
    const CalloutEngine& engine, const std::vector<Definition*>& devices) const
{
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (auto i = next++; i < devices.size(); i = next++)
            try {
                devices[i]->set_attributes(
                    attributes(engine, *devices[i], LogLevel::info));
            } catch (const Error& error) {
                env.log(LogLevel::info, error.what());
            }
    };
    const auto count = std::min<std::size_t>(
        devices.size(), std::max(1U, std::thread::hardware_concurrency()));
    std::vector<std::jthread> helpers;
    try {
        while (helpers.size() + 1 < count)
            helpers.emplace_back(work);
    } catch (const std::system_error&) {
        // No more threads to be had: those that there are do all of it.
    }
    work();
}

MDEV_API void CalloutEngine::add_attributes(
    std::vector<Definition>& devices) const
{
    if (impl_->callouts.empty())
        return;
    // One of each type goes first: what scripts say of it counts for the
    // others, who then need not ask the same.
    std::set<std::pair<std::string, std::string>> seen;
    std::vector<Definition*> first;
    std::vector<Definition*> others;
    for (auto& device : devices)
        (seen.insert(key(device)).second ? first : others).push_back(&device);
    impl_->add_attributes(*this, first);
    impl_->add_attributes(*this, others);
    cancellation(impl_->env)
        .check("Asking callout scripts for attributes", "callout scripts");
}

}
