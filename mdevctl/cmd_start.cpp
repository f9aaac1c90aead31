// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "output.hpp"

#include <mdev/manager.hpp>

#include <cstdlib>

namespace {

mdev::Device start(const mdev::Manager& manager, const Arguments& arguments)
{
    const auto uuid = arguments.uuid();
    const auto file = arguments.value("jsonfile");
    if (!file)
        return manager.start(uuid, arguments.value("parent"),
            arguments.value("type"), arguments.force());
    return manager.start(
        mdev::Definition::from_file(*file, uuid ? *uuid : mdev::Uuid::random(),
            *arguments.value("parent")),
        arguments.force());
}

}

int run_start(const mdev::Environment& env, const Arguments& arguments)
{
    const auto device = start(mdev::Manager(env), arguments);
    if (!arguments.has("uuid"))
        print_generated(device.uuid(), "started");
    return EXIT_SUCCESS;
}
