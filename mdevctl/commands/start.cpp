// SPDX-License-Identifier: LGPL-2.1-or-later
#include "output.hpp"
#include "report.hpp"

#include <cstdlib>

namespace {

mdev::Device start(const mdev::Manager& manager, const Arguments& arguments)
{
    const auto uuid = arguments.uuid();
    const auto file = arguments.value("jsonfile");
    if (!file)
        return manager.start(arguments.spec());
    const auto definition = mdev::Definition::from_file(
        *file, uuid ? *uuid : mdev::Uuid::random(), *arguments.value("parent"));
    return manager.start(definition);
}

}

int run_start(const mdev::Environment& env, const Arguments& arguments)
{
    const bool all = arguments.has("all");
    const Report report(
        arguments, all ? Report::Words::always : Report::Words::only_if_dry);
    const auto manager = report.manager(env);
    if (all) {
        manager.start_defined(arguments.value("parent"));
        report.finish();
        return EXIT_SUCCESS;
    }
    const auto device = start(manager, arguments);
    report.finish();
    if (!arguments.has("uuid") && !report.prints())
        print_generated(device.uuid(), "started");
    return EXIT_SUCCESS;
}
