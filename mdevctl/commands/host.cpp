// SPDX-License-Identifier: LGPL-2.1-or-later
#include "exit_code.hpp"
#include "output.hpp"
#include "report.hpp"
#include "settings.hpp"

#include <mdev/host_state.hpp>

#include <cstdlib>

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
                ? "Something was left out, see the warnings"
                : "Nothing is printed, because something would be left out: "
                  "see the warnings; --partial prints the rest");
    return EXIT_SUCCESS;
}

int run_diff(const mdev::Environment& env, const Arguments& arguments)
{
    const auto wanted = mdev::HostState::from_file(arguments.operand(), env);
    Report report(env, arguments, Report::Words::always);
    const auto changes = report.manager().diff(
        wanted, prune(arguments), active_devices(arguments));
    report.check_printed();
    return changes.empty() ? EXIT_SUCCESS : exit_differs;
}

int run_apply(const mdev::Environment& env, const Arguments& arguments)
{
    const auto wanted = mdev::HostState::from_file(arguments.operand(), env);
    Report report(env, arguments, Report::Words::always);
    report.manager().apply(wanted, prune(arguments), active_devices(arguments));
    if (report.changes() == 0 && !arguments.has("json"))
        report.say("Nothing to change\n");
    return report.finish();
}
