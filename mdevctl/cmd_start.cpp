// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <mdev/manager.hpp>

#include <cstdlib>

namespace {

mdev::Device start(const mdev::Environment& env, const Arguments& arguments)
{
    const auto uuid = arguments.uuid();
    const auto file = arguments.value("jsonfile");
    if (!file)
        return mdev::Manager(interruptible(env))
            .start(uuid, arguments.value("parent"), arguments.value("type"),
                arguments.force());
    const auto definition = mdev::Definition::from_file(
        *file, uuid ? *uuid : mdev::Uuid::random(), *arguments.value("parent"));
    return mdev::Manager(interruptible(env))
        .start(definition, arguments.force());
}

}

int run_start(const mdev::Environment& env, const Arguments& arguments)
{
    const auto device = start(env, arguments);
    if (!arguments.has("uuid"))
        print_generated(device.uuid(), "started");
    return EXIT_SUCCESS;
}
