// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "output.hpp"

#include <mdev/parent_device.hpp>

#include <cstdlib>

namespace {

void append(Output& output, const mdev::ParentDevice& parent)
{
    output.line("", parent.name());
    for (const auto& type : parent.types()) {
        output.line("  ", type.id());
        output.line("    Available instances: ",
            std::to_string(type.available_instances()));
        // As mdevctl 1.x: also if it is empty, unlike what is optional.
        output.text("    Device API: ").untrusted(type.device_api()).text("\n");
        output.line("    Name: ", type.name());
        output.line("    Description: ", type.description());
    }
}

}

int run_types(const mdev::Environment& env, const Arguments& arguments)
{
    std::vector<mdev::ParentDevice> parents;
    if (!arguments.has("parent"))
        parents = mdev::ParentDevice::all(env);
    else if (const auto parent =
                 mdev::ParentDevice::find(*arguments.value("parent"), env))
        parents = {*parent};
    Output output;
    if (arguments.has("dumpjson"))
        output.json(mdev::to_json(parents, mdev::JsonFormat::compatible));
    else if (arguments.has("json"))
        output.json(mdev::to_json(parents, mdev::JsonFormat::flat));
    else
        for (const auto& parent : parents)
            append(output, parent);
    output.send();
    return EXIT_SUCCESS;
}
