// SPDX-License-Identifier: LGPL-2.1-or-later
#include "exit_code.hpp"
#include "output.hpp"
#include "report.hpp"
#include "settings.hpp"

#include <mdev/host_state.hpp>

#include <cstdlib>
#include <unistd.h>

namespace {

mdev::Prune prune(const Arguments& arguments)
{
    return arguments.has("prune") ? mdev::Prune::yes : mdev::Prune::no;
}

mdev::ActiveDevices active_devices(const Arguments& arguments)
{
    return arguments.has("start") ? mdev::ActiveDevices::apply
                                  : mdev::ActiveDevices::leave;
}

/// The state in the operand: a file, or `-` for standard input.
mdev::HostState wanted_state(
    const mdev::Environment& env, const Arguments& arguments)
{
    const auto& file = arguments.operand();
    return mdev::HostState::from_file(file == "-" ? "/dev/stdin" : file, env);
}

}

int run_export(const mdev::Environment& env, const Arguments& arguments)
{
    const auto state = mdev::HostState::of(interruptible(env));
    const bool is_partial = arguments.has("partial");
    if (state.is_complete() || is_partial)
        Output().json(state.to_json()).send();
    if (!state.is_complete())
        throw mdev::Error(mdev::Errc::partial_failure, "host",
            is_partial
                ? "Some definitions or devices cannot be read and are missing; "
                  "see the warnings"
                : "Nothing is printed: some definitions or devices cannot be "
                  "read; see the warnings. --partial prints the rest");
    return EXIT_SUCCESS;
}

int run_diff(const mdev::Environment& env, const Arguments& arguments)
{
    const auto wanted = wanted_state(env, arguments);
    Report report(env, arguments, Report::Words::as_changes);
    report.show_names(wanted);
    const auto changes = [&] {
        try {
            return report.manager().diff(
                wanted, prune(arguments), active_devices(arguments));
        } catch (const mdev::Error&) {
            report.say_summary(false);
            throw;
        }
    }();
    if (changes.empty())
        report.say_unchanged();
    report.say_summary(false);
    report.check_printed();
    return changes.empty() ? EXIT_SUCCESS : exit_differs;
}

namespace {

/// The number of changes that `apply` will make, if a person waits for them.
std::size_t count_changes(const mdev::Environment& env,
    const mdev::HostState& wanted, const Arguments& arguments)
try {
    std::size_t count = 0;
    if (isatty(STDERR_FILENO) == 1)
        count = mdev::Manager(env.with_log({}))
                    .diff(wanted, prune(arguments), active_devices(arguments))
                    .size();
    return count;
} catch (const mdev::Error&) {
    return 0; // the command itself reports it
}

}

int run_apply(const mdev::Environment& env, const Arguments& arguments)
{
    const auto wanted = wanted_state(env, arguments);
    Report report(env, arguments, Report::Words::as_changes);
    report.show_names(wanted);
    report.show_progress(count_changes(env, wanted, arguments));
    report.manager().apply(wanted, prune(arguments), active_devices(arguments));
    if (report.changes() == 0 && !arguments.has("json") &&
        !arguments.has("quiet"))
        report.say("Nothing to change\n");
    else
        report.say_summary(!arguments.has("dry-run"));
    return report.finish();
}
