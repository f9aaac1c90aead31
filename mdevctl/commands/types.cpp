// SPDX-License-Identifier: LGPL-2.1-or-later
#include "columns.hpp"
#include "hints.hpp"
#include "output.hpp"

#include <mdev/parent_device.hpp>

#include <cstdlib>
#include <unistd.h>

namespace {

void append(Output& output, const mdev::ParentDevice& parent)
{
    output.line("", parent.name());
    for (const auto& type : parent.types()) {
        output.line("  ", type.id());
        output.line("    Available instances: ",
            std::to_string(type.available_instances()));
        // Printed even if it is empty, like in mdevctl 1.x; optional values are
        // not.
        output.text("    Device API: ").untrusted(type.device_api()).text("\n");
        output.line("    Name: ", type.name());
        output.line("    Description: ", type.description());
    }
}

std::vector<TypeRow> rows_of(const std::vector<mdev::ParentDevice>& parents)
{
    std::vector<TypeRow> rows;
    for (const auto& parent : parents)
        for (const auto& type : parent.types())
            rows.push_back({parent.name(), type, parent.framework()});
    return rows;
}

Ink type_ink(std::string_view column, const std::string& value)
{
    return column == "available" && value == "0" ? Ink::faint : Ink::plain;
}

std::vector<mdev::ParentDevice> chosen_parents(
    const mdev::Environment& env, const Arguments& arguments)
{
    const auto name = arguments.value("parent");
    if (!name)
        return mdev::ParentDevice::all(env);
    const auto parent = mdev::ParentDevice::find(*name, env);
    return parent ? std::vector{*parent} : std::vector<mdev::ParentDevice>();
}

}

int run_types(const mdev::Environment& env, const Arguments& arguments)
{
    auto parents = chosen_parents(env, arguments);
    const bool is_table = arguments.has("output") ||
        arguments.has("noheadings") || arguments.has("raw") ||
        isatty(STDOUT_FILENO) == 1;
    const auto columns = chosen_columns(arguments, type_columns(),
        {"parent", "type", "available", "api", "name", "description"});
    Output output;
    if (arguments.is_for_mdev_only())
        std::erase_if(parents, [](const mdev::ParentDevice& parent) {
            return parent.framework() == mdev::Framework::vendor_vfio;
        });
    if (arguments.has("dumpjson"))
        output.json(mdev::to_json(parents, mdev::JsonFormat::compatible));
    else if (arguments.has("json") && arguments.has("output"))
        output.json(json_of(rows_of(parents), columns, "types"));
    else if (arguments.has("json"))
        output.json(mdev::to_json(parents, mdev::JsonFormat::flat));
    else if (is_table) {
        const auto rows = rows_of(parents);
        if (!rows.empty() || arguments.has("output"))
            output.text(table_of(rows, columns, arguments, type_ink));
    } else
        for (const auto& parent : parents)
            append(output, parent);
    output.send();
    if (parents.empty())
        say_why_empty(env, arguments, EmptyList::types);
    return EXIT_SUCCESS;
}
