// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "output.hpp"

#include <mdev/parent_device.hpp>

#include <cstdlib>

namespace {

std::vector<mdev::ParentDevice> wanted(
    const mdev::Environment& env, const std::optional<std::string>& name)
{
    if (!name)
        return mdev::ParentDevice::all(env);
    std::vector<mdev::ParentDevice> parents;
    if (auto parent = mdev::ParentDevice::find(*name, env))
        parents.push_back(std::move(*parent));
    return parents;
}

}

int run_types(const mdev::Environment& env, const Arguments& arguments)
{
    const auto parents = wanted(env, arguments.value("parent"));
    Output output;
    if (arguments.has("dumpjson"))
        output.text(mdev::to_json(parents, mdev::JsonFormat::compatible))
            .text("\n");
    else if (arguments.has("json"))
        output.text(mdev::to_json(parents, mdev::JsonFormat::flat)).text("\n");
    else
        for (const auto& parent : parents)
            append_parent(output, parent);
    output.send();
    return EXIT_SUCCESS;
}
