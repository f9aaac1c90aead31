// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "environment_impl.hpp"

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace mdev {

// Asking scripts for their capabilities: which script serves a device.

Choice CalloutEngine::Impl::choose(
    const ScriptSubject& subject, std::chrono::milliseconds limit) const
{
    Choice choice;
    for (const auto& script : callouts) {
        ask_capabilities(script, subject, choice, limit);
        if (choice.versioned || choice.lost)
            break;
    }
    return choice;
}

void CalloutEngine::Impl::ask_capabilities(const Path& script,
    const ScriptSubject& subject, Choice& choice,
    std::chrono::milliseconds limit) const
{
    const auto is_known = [&] {
        return memory->with(subject.key(), script, [&](KnownScript& known) {
            if (known.capabilities && *known.capabilities)
                choice.versioned = {script, **known.capabilities};
            return known.capabilities.has_value();
        });
    };
    if (is_known())
        return;
    // Threads that need the same answer wait for it instead of asking again.
    const CalloutLock asking(
        script, question(subject), Deadline(limit), cancellation(env));
    if (is_known())
        return;
    const auto answer = call_unless_timed_out(script, CalloutEvent::get,
        CalloutAction::capabilities, subject, provided_capabilities());
    log_errors(env, answer, LogLevel::info);
    if (is_lost_answer(answer)) {
        choice.lost = lost_capabilities(answer);
        report_loss(*choice.lost, subject);
        return;
    }
    const auto capabilities = read_capabilities(answer, subject);
    memory->with(subject.key(), script,
        [&](KnownScript& known) { known.capabilities = capabilities; });
    if (capabilities)
        choice.versioned = {script, *capabilities};
}

/// Each engine has its own lock for the question: another engine does not share
/// the answer and would have to ask again.
std::string CalloutEngine::Impl::question(const ScriptSubject& subject) const
{
    return std::to_string(reinterpret_cast<std::uintptr_t>(memory.get())) +
        "/" + subject.parent + "/" + subject.type_id;
}

/// Warns once for each script, parent and type. A cancelled command reports
/// that itself, and a script that cannot be executed must not disturb a list.
void CalloutEngine::Impl::report_loss(
    const CalloutResult& lost, const ScriptSubject& subject) const
{
    using End = ProcessResult::End;
    const auto end = Access::impl(lost).process.end;
    if (Access::impl(lost).is_cancelled())
        return;
    const bool is_told = end == End::not_started ||
        memory->with(subject.key(), lost.script(), [](KnownScript& known) {
            return std::exchange(known.is_loss_told, true);
        });
    env.log(is_told ? LogLevel::info : LogLevel::warning,
        "Callout script " + lost.script().string() +
            " failed: " + lost.reason());
}

std::optional<Capabilities> CalloutEngine::Impl::read_capabilities(
    const CalloutResult& answer, const ScriptSubject& subject) const
try {
    // The exit status does not matter, except for 2: scripts of
    // mdevctl-callouts(7) may answer and exit with any other status.
    if (Access::impl(answer).is_declined() || answer.output().empty())
        return {};
    std::vector<std::string> unknown;
    auto capabilities = parse_capabilities(answer.output(), unknown);
    for (const auto& word : unknown)
        env.log(LogLevel::warning,
            "Callout script " + answer.script().string() + " supports '" +
                word + "', which is unknown and ignored");
    return capabilities;
} catch (const std::invalid_argument& error) {
    // A script for mdevctl 1.2 may print the same text for every question. A
    // warning with every command would not help.
    const bool is_attempt =
        answer.output().find("\"supports\"") != std::string::npos;
    env.log(is_attempt ? LogLevel::warning : LogLevel::info,
        "Callout script " + answer.script().string() +
            " is not versioned: its capabilities for type " + subject.type_id +
            " are invalid: " + error.what());
    return {};
}

/// The versioned script of a device, if that is known already.
std::optional<VersionedScript> CalloutEngine::Impl::known_versioned(
    const ScriptSubject& subject) const
{
    for (const auto& script : callouts) {
        const auto known = memory->with(subject.key(), script,
            [](const KnownScript& each) { return each.capabilities; });
        if (!known)
            return {};
        if (*known)
            return {{script, **known}};
    }
    return {};
}

}
