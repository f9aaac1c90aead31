// SPDX-License-Identifier: LGPL-2.1-or-later
#include "exit_code.hpp"
#include "interruption.hpp"
#include "output.hpp"
#include "report.hpp"

#include <mdev/host_state.hpp>

#include <cstdlib>

namespace {

void apply(const mdev::Manager& manager, const mdev::Environment& env,
    const Arguments& arguments)
{
    manager.apply(mdev::HostState::from_file(arguments.operand(), env),
        arguments.has("prune") ? mdev::Prune::yes : mdev::Prune::no,
        arguments.has("start") ? mdev::ActiveDevices::apply
                               : mdev::ActiveDevices::leave);
}

}

int run_export(const mdev::Environment& env, const Arguments&)
{
    const auto state = mdev::HostState::of(interruptible(env));
    Output().text(state.to_json()).text("\n").send();
    return EXIT_SUCCESS;
}

int run_diff(const mdev::Environment& env, const Arguments& arguments)
{
    const Report report(arguments, Report::Words::always);
    apply(report.manager(env).with_dry_run(), env, arguments);
    report.finish();
    return report.changes() == 0 ? EXIT_SUCCESS : exit_differs;
}

int run_apply(const mdev::Environment& env, const Arguments& arguments)
{
    const Report report(arguments, Report::Words::always);
    apply(report.manager(env), env, arguments);
    report.finish();
    if (report.changes() == 0 && !arguments.has("json"))
        Output().text("Nothing to change\n").send();
    return EXIT_SUCCESS;
}
