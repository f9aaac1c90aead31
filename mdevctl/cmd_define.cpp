// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <mdev/manager.hpp>

#include <cstdlib>

namespace {

mdev::StartMode start_mode(const Arguments& arguments)
{
    return arguments.has("auto") ? mdev::StartMode::automatic
                                 : mdev::StartMode::manual;
}

mdev::Definition define(
    const mdev::Environment& env, const Arguments& arguments)
{
    const auto uuid = arguments.uuid();
    const auto file = arguments.value("jsonfile");
    if (!file)
        return mdev::Manager(interruptible(env))
            .define(uuid, arguments.value("parent"), arguments.value("type"),
                start_mode(arguments), arguments.force());
    auto definition = mdev::Definition::from_file(
        *file, uuid ? *uuid : mdev::Uuid::random(), *arguments.value("parent"));
    mdev::Manager(interruptible(env)).define(definition, arguments.force());
    return definition;
}

}

int run_define(const mdev::Environment& env, const Arguments& arguments)
{
    const auto definition = define(env, arguments);
    if (!arguments.has("uuid"))
        print_generated(definition.uuid(), "defined");
    return EXIT_SUCCESS;
}
