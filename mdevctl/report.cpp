// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

#include "hints.hpp"
#include "output.hpp"
#include "settings.hpp"
#include "streams.hpp"

#include <mdev/error.hpp>

#include <cstdlib>
#include <unistd.h>

namespace {

/// Enough time for a driver to become ready, or for an administrator to repair
/// something.
constexpr std::chrono::seconds between_retries(10);

}

Report::Report(
    const mdev::Environment& env, const Arguments& arguments, Words words)
    : env_(env),
      arguments_(arguments),
      as_json_(arguments.has("json")),
      in_words_(words != Words::by_options || arguments.has("all") ||
          arguments.has("dry-run")),
      counts_changes_(words == Words::as_changes),
      screen_(screen_of(STDOUT_FILENO, arguments.color())),
      progress_(
          std::make_unique<Progress>(0, as_json_ || arguments_.has("quiet")))
{
    shows_changes_ = counts_changes_ && screen_.is_terminal;
}

void Report::say_summary(bool is_done)
{
    if (!shows_changes_ || as_json_ || arguments_.has("quiet"))
        return;
    if (const auto text = count_.text(is_done); !text.empty())
        say("\n" + text + "\n");
}

void Report::say_unchanged()
{
    if (shows_changes_ && !as_json_ && !arguments_.has("quiet"))
        say("Nothing to change\n");
}

void Report::show_names(const mdev::HostState& state)
{
    for (const auto& device : state.devices())
        if (!device.name().empty())
            names_[device.definition().uuid()] = device.name();
}

void Report::show_progress(std::size_t total)
{
    // A single device has no progress to show.
    if (total > 1)
        progress_ = std::make_unique<Progress>(
            total, as_json_ || arguments_.has("quiet"));
}

void Report::say_wait(const std::string& what)
{
    progress_->say_wait(what);
}

void Report::for_each(const std::vector<mdev::Uuid>& uuids, const char* verb,
    const std::function<void(const mdev::Uuid&)>& command)
{
    if (uuids.size() == 1)
        return command(uuids.front());
    in_words_ = true;
    show_progress(uuids.size());
    std::vector<mdev::Error> errors;
    for (const auto& uuid : uuids)
        try {
            command(uuid);
        } catch (const mdev::Error& error) {
            if (error.code() == mdev::Errc::cancelled)
                throw;
            errors.push_back(with_advice(error, arguments_, env_));
            env_.log(mdev::LogLevel::error, errors.back().what());
        }
    check_errors(errors, uuids.size(), verb);
}

void check_errors(
    const std::vector<mdev::Error>& errors, std::size_t count, const char* verb)
{
    if (errors.empty())
        return;
    // The code of the failures, if all have the same cause.
    auto code = errors.front().code();
    for (const auto& error : errors)
        if (errors.size() < count || error.code() != code)
            code = mdev::Errc::partial_failure;
    throw mdev::Error(code, errors.front().cause(), "devices",
        std::to_string(errors.size()) + " of " + std::to_string(count) +
            " devices could not be " + verb);
}

mdev::Manager Report::manager()
{
    auto manager =
        mdev::Manager(
            interruptible(env_.with_log(
                [this](auto level, auto message) { pass_on(level, message); })))
            .with_wait(arguments_.wait())
            .with_retries(arguments_.retries(), between_retries)
            .with_listener([this](const auto& outcome) { add(outcome); });
    if (arguments_.has("force"))
        manager = manager.with_force();
    if (arguments_.has("dry-run"))
        manager = manager.with_dry_run();
    if (arguments_.has("if-unused"))
        manager = manager.with_in_use(mdev::InUse::refuse);
    if (const auto timeout = arguments_.timeout())
        manager = manager.with_timeout(*timeout);
    if (arguments_.has("if-needed"))
        manager = manager.with_idempotence();
    return manager;
}

/// The library logs waits, for example for a lock, on level info. At a
/// terminal, a person sees the message while the wait lasts.
void Report::pass_on(mdev::LogLevel level, std::string_view message)
{
    if (level == mdev::LogLevel::info)
        progress_->say(message);
    env_.log(level, message);
}

void Report::add(const mdev::Outcome& outcome)
{
    changes_ += outcome.is_changed() ? 1 : 0;
    count_.add(outcome);
    const bool is_change = outcome.is_changed() || !outcome.error().empty();
    if (is_change || !counts_changes_)
        progress_->step(std::string(outcome.word()) + " " +
            outcome.uuid().string() + (outcome.parent().empty() ? "" : " ") +
            outcome.parent());
    if (arguments_.has("quiet"))
        return;
    // The command line may name a card, of which a function was chosen.
    const auto parent = arguments_.value("parent");
    if (!as_json_ && parent && outcome.is_changed() &&
        outcome.parent() != *parent)
        print_message("Parent", outcome.parent());
    const bool only_changes = arguments_.command().name == "diff";
    Output output;
    if (as_json_) {
        if (is_change || !only_changes)
            output.json(outcome.to_json());
    } else if (shows_changes_) {
        if (is_change)
            output.text(change_lines(outcome, names_[outcome.uuid()], screen_));
    } else if (in_words_ &&
        (outcome.is_changed() || (only_changes && is_change)))
        append_line(output, outcome);
    print(output,
        std::string("the result of '") + outcome.word() + "' for device " +
            outcome.uuid().string() + " was not printed");
}

void Report::append_line(Output& output, const mdev::Outcome& outcome) const
{
    output.text(outcome.word()).text(" ").text(outcome.uuid().string());
    for (const auto& name : {outcome.parent(), outcome.type_id()})
        if (!name.empty())
            output.text(" ").untrusted(name);
    if (!outcome.error().empty())
        output.text(" (conflict)");
    else if (!outcome.differences().empty())
        output.text(" (").text(joined(outcome.differences(), ", ")).text(")");
    output.text("\n");
}

void Report::say(const std::string& text)
{
    print(Output().text(text), "nothing was changed");
}

void Report::print(const Output& output, const std::string& result)
try {
    output.send();
} catch (const mdev::Error& error) {
    // The exception must not reach the library: the command itself has not
    // failed.
    if (!failure_) {
        failure_ = error;
        result_ = result;
    }
}

void Report::check_printed() const
{
    if (failure_)
        throw *failure_;
}

/// Says what a dry run cannot predict.
void Report::say_unknown() const
{
    if (!arguments_.has("dry-run") || arguments_.has("quiet") ||
        isatty(STDERR_FILENO) != 1)
        return;
    if (mdev::CalloutEngine(env_).has_scripts())
        print_message("Hint",
            "A dry run does not call callout scripts, which could reject the "
            "operation");
}

int Report::finish() const
{
    say_unknown();
    if (failure_ && !arguments_.has("dry-run"))
        fail(*failure_, result_);
    check_printed();
    return EXIT_SUCCESS;
}

int Report::finish(const mdev::Uuid& uuid, const char* verb) const
{
    const auto result = "device " + uuid.string() + " was " + verb;
    if (failure_ && !arguments_.has("dry-run"))
        fail(*failure_, result);
    check_printed();
    if (arguments_.uuids().empty() && !as_json_ && !in_words_)
        try {
            Output().text(uuid.string()).text("\n").send();
        } catch (const mdev::Error& error) {
            fail(error, result);
        }
    return EXIT_SUCCESS;
}

/// The error must not have the subject "stdout": with it, the program would end
/// silently if nobody reads the pipe, although something was changed.
void Report::fail(const mdev::Error& error, const std::string& result)
{
    throw mdev::Error(error.code(), error.cause(), "report",
        std::string(error.what()) + "; " + result);
}
