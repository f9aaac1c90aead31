// SPDX-License-Identifier: LGPL-2.1-or-later
#include "output.hpp"
#include "report.hpp"

#include <cstdlib>

namespace {

mdev::Definition define(
    const mdev::Manager& manager, const Arguments& arguments)
{
    const auto uuid = arguments.uuid();
    const auto file = arguments.value("jsonfile");
    if (!file)
        return manager.define(arguments.spec());
    auto definition = mdev::Definition::from_file(
        *file, uuid ? *uuid : mdev::Uuid::random(), *arguments.value("parent"));
    manager.define(definition);
    return definition;
}

}

int run_define(const mdev::Environment& env, const Arguments& arguments)
{
    const Report report(arguments, Report::Words::only_if_dry);
    const auto definition = define(report.manager(env), arguments);
    report.finish();
    if (!arguments.has("uuid") && !report.prints())
        print_generated(definition.uuid(), "defined");
    return EXIT_SUCCESS;
}
