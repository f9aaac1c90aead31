// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

#include "interruption.hpp"
#include "output.hpp"

namespace {

void append_words(Output& output, const mdev::Outcome& outcome)
{
    output.text(outcome.word()).text(" ").text(outcome.uuid().string());
    for (const auto& name : {outcome.parent(), outcome.type_id()})
        if (!name.empty())
            output.text(" ").untrusted(name);
    const char* separator = " (";
    for (const auto& difference : outcome.differences()) {
        output.text(separator).text(difference);
        separator = ", ";
    }
    output.text(outcome.differences().empty() ? "\n" : ")\n");
}

}

Report::Report(const Arguments& arguments, Words words)
    : arguments_(arguments),
      as_json_(arguments.has("json")),
      in_words_(words == Words::always || arguments.has("dry-run"))
{
}

mdev::Manager Report::manager(const mdev::Environment& env) const
{
    auto manager =
        mdev::Manager(interruptible(env)).with_wait(arguments_.wait());
    if (arguments_.has("force"))
        manager = manager.with_force();
    if (arguments_.has("dry-run"))
        manager = manager.with_dry_run();
    if (arguments_.has("if-needed"))
        manager = manager.with_idempotence();
    return manager.with_listener(
        [heard = heard_, as_json = as_json_, in_words = in_words_](
            const mdev::Outcome& outcome) {
            heard->changes += outcome.is_changed() ? 1 : 0;
            Output output;
            if (as_json)
                output.text(outcome.to_json()).text("\n");
            else if (in_words && outcome.is_changed())
                append_words(output, outcome);
            try {
                output.send();
            } catch (const std::exception&) {
                heard->failure = std::current_exception();
            }
        });
}

void Report::finish() const
{
    if (heard_->failure)
        std::rethrow_exception(heard_->failure);
}
