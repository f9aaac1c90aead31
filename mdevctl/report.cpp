// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

#include "output.hpp"
#include "settings.hpp"

#include <mdev/error.hpp>

#include <cstdlib>

namespace {

/// What a driver needs to get ready, or an administrator to mend something.
constexpr std::chrono::seconds between_retries(10);

}

Report::Report(
    const mdev::Environment& env, const Arguments& arguments, Words words)
    : env_(env),
      arguments_(arguments),
      as_json_(arguments.has("json")),
      in_words_(words == Words::always || arguments.has("all") ||
          arguments.has("dry-run"))
{
}

mdev::Manager Report::manager()
{
    auto manager =
        mdev::Manager(interruptible(env_))
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

void Report::add(const mdev::Outcome& outcome)
{
    changes_ += outcome.is_changed() ? 1 : 0;
    Output output;
    if (as_json_) {
        output.json(outcome.to_json());
    } else if (in_words_ && outcome.is_changed()) {
        output.text(outcome.word()).text(" ").text(outcome.uuid().string());
        for (const auto& name : {outcome.parent(), outcome.type_id()})
            if (!name.empty())
                output.text(" ").untrusted(name);
        if (!outcome.differences().empty())
            output.text(" (")
                .text(joined(outcome.differences(), ", "))
                .text(")");
        output.text("\n");
    }
    print(output,
        std::string("what '") + outcome.word() + "' did with device " +
            outcome.uuid().string() + " was not reported");
}

void Report::say(const std::string& text)
{
    print(Output().text(text), "the command changed nothing");
}

void Report::print(const Output& output, const std::string& result)
try {
    output.send();
} catch (const mdev::Error& error) {
    // The library must not see it: the command itself has not failed.
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

int Report::finish() const
{
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
    if (!arguments_.has("uuid") && !as_json_ && !in_words_)
        try {
            Output().text(uuid.string()).text("\n").send();
        } catch (const mdev::Error& error) {
            fail(error, result);
        }
    return EXIT_SUCCESS;
}

/// Not with the subject "stdout", which ends a program like `mdevctl list`
/// without a word if nobody reads the pipe: something was changed.
void Report::fail(const mdev::Error& error, const std::string& result)
{
    throw mdev::Error(error.code(), error.cause(), "report",
        std::string(error.what()) + "; " + result);
}
