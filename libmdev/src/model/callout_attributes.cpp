// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "environment_impl.hpp"
#include "signals_blocked.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

namespace mdev {

// Asking scripts for the attributes of active devices.

using std::chrono::milliseconds;

namespace {

[[noreturn]] void throw_rejected(
    const CalloutResult& result, const std::string& reason)
{
    const auto path = result.script().string();
    throw Error(Errc::callout_rejected, path,
        "callout script " + path +
            " could not report the attributes: " + reason);
}

/// Returns the attributes in the script's answer. Throws Error
/// (Errc::callout_rejected) if the script failed or its answer is invalid.
std::optional<std::vector<Attribute>> read_attributes(
    const CalloutResult& result)
{
    if (!result.is_accepted())
        throw_rejected(result, reason_in_its_words(result));
    try {
        return parse_attributes(whole_answer(result));
    } catch (const std::invalid_argument& error) {
        throw_rejected(result, error.what());
    } catch (const Error& error) {
        throw_rejected(result, error.what());
    }
}

}

CalloutEngine::Impl::Attributes CalloutEngine::Impl::attributes(
    const ScriptSubject& subject, LogLevel failed,
    std::optional<Path>* script) const
{
    CalloutLocks locks(env.callout_lock_timeout(), cancellation(env));
    return attributes(subject, failed, script, locks);
}

CalloutEngine::Impl::Attributes CalloutEngine::Impl::attributes(
    const ScriptSubject& subject, LogLevel failed, std::optional<Path>* script,
    CalloutLocks& locks) const
{
    const auto result =
        run(CalloutEvent::get, CalloutAction::attributes, subject, &locks);
    if (!result || Access::impl(*result).is_declined())
        return {};
    log_errors(env, *result, failed);
    if (Access::impl(*result).is_cancelled())
        throw cancelled_script(*result);
    if (script)
        *script = result->script();
    return read_attributes(*result);
}

namespace {

/// Calls `work` with each of the numbers, in as many threads as there are
/// processors, or in fewer if the system cannot create so many.
template <class Work>
void for_each_in_parallel(const std::vector<std::size_t>& numbers, Work work)
{
    std::atomic<std::size_t> next = 0;
    const auto run = [&] {
        for (auto i = next++; i < numbers.size(); i = next++)
            work(numbers[i]);
    };
    const auto count = std::min<std::size_t>(
        numbers.size(), std::max(1U, std::thread::hardware_concurrency()));
    std::vector<std::jthread> helpers;
    try {
        const SignalsBlocked blocked;
        while (helpers.size() + 1 < count)
            helpers.emplace_back(run);
    } catch (const std::system_error&) {
        // The threads that could be created do all of the work.
    }
    run();
}

}

std::vector<CalloutEngine::Impl::Answer> CalloutEngine::Impl::attributes(
    const std::vector<ScriptSubject>& subjects) const
{
    std::vector<Answer> found(subjects.size());
    if (callouts.empty())
        return found;
    const Deadline deadline(
        std::min(env.callout_lock_timeout(), env.script_timeout()));
    const auto left = [&] { return milliseconds(deadline.poll_timeout()); };
    const auto ask = [&](std::size_t i) {
        // A script that fails must not disturb a list: the device appears
        // without attributes.
        try {
            CalloutLocks locks(left(), cancellation(env));
            found[i].attributes =
                attributes(subjects[i], LogLevel::info, nullptr, locks);
        } catch (const Error& error) {
            env.log(LogLevel::info, error.what());
            found[i].failure = error;
        }
    };
    std::vector<std::size_t> parallel;
    const auto ask_or_put_off = [&](std::size_t i) {
        const auto choice = choose(subjects[i], left());
        if (choice.lost)
            throw_rejected(*choice.lost, reason_in_its_words(*choice.lost));
        if (choice.versioned && choice.versioned->capabilities.is_parallel)
            parallel.push_back(i);
        else
            ask(i);
    };
    for (std::size_t i = 0; i < subjects.size(); ++i)
        try {
            ask_or_put_off(i);
        } catch (const Error& error) {
            if (is_end_of_command(env, error))
                throw;
            env.log(LogLevel::info,
                "The attributes of device " + subjects[i].uuid.string() +
                    " are unknown: " + error.what());
            found[i].failure = error;
        }
    for_each_in_parallel(parallel, ask);
    // Thrown here: an exception must not leave a helper thread.
    cancellation(env).check(
        "Asking callout scripts for attributes", "callout scripts");
    return found;
}

MDEV_API std::vector<Attribute> CalloutEngine::attributes(
    const Definition& device) const
{
    return impl_->attributes(device).value_or(std::vector<Attribute>());
}

MDEV_API void CalloutEngine::add_attributes(
    std::vector<Definition>& devices) const
{
    const auto found = impl_->attributes(
        std::vector<ScriptSubject>(devices.begin(), devices.end()));
    for (std::size_t i = 0; i < devices.size(); ++i)
        if (const auto& attributes = found[i].attributes)
            devices[i].set_attributes(*attributes);
}

}
