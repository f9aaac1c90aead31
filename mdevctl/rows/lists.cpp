// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rows.hpp"

using enum Rule::Kind;

namespace {

Command list_row()
{
    return {.name = "list",
        .synonyms = {"ls", "ps", "status"},
        .operands = Operands::uuids,
        .operand = "UUID",
        .summary = "List mediated devices",
        .description = "Lists the active devices, or only those with the "
                       "specified UUIDs (the first 8 digits are enough). At a "
                       "terminal, prints a table with their state. To a pipe "
                       "or file, prints a line for each device: UUID, parent, "
                       "type, start mode, and whether the device is defined.",
        .run = run_list,
        .options = {{"all", 'a', "",
                        "List active and defined devices together, with their "
                        "state: active, defined, active+defined, differs (from "
                        "its definition), failed or broken.",
                        Devices::all},
            {"defined", 'd', "",
                "List definitions instead of active devices, and whether they "
                "are active.",
                Devices::defined},
            uuid_option, parent_option,
            {"type", 't', "TYPE", "List only devices of this type."},
            {"state", 0, "STATE",
                "With --all, list only devices in this state."},
            {"auto", 0, "", "List only devices that start automatically."},
            {"sort", 0, "COLUMN", "Sort by this column."}, columns_option,
            noheadings_option, raw_option,
            {"tree", 0, "",
                "Print a tree: each parent, its types with the number of "
                "available instances, and their devices."},
            {"watch", 0, "",
                "Print the list again whenever something changes, until the "
                "command is interrupted."},
            {"verbose", 'v', "", "Also print the attributes of each device."},
            dumpjson_option, all_frameworks_option, json_option, color_option,
            version_option},
        .rules = {{one, "", {"all", "defined"}},
            {one, "", {"dumpjson", "json"}}, {one, "", {"dumpjson", "output"}},
            {excludes, "dumpjson",
                {"all", "state", "auto", "sort", "noheadings", "raw", "tree",
                    "watch"}},
            {excludes, "json", {"noheadings", "raw", "tree"}},
            {excludes, "tree", {"output", "noheadings", "raw", "sort"}},
            {excludes, "verbose", {"json", "output", "raw", "tree"}},
            {needs, "state", {"all"}}, {needs, "all-frameworks", {"dumpjson"}}},
        .examples = {{"mdevctl list --all",
                         "list active and defined devices, with their state"},
            {"mdevctl list -o +path,users", "add columns to the table"},
            {"mdevctl list --tree", "show parents, types and devices"}},
        .devices = Devices::active,
        .is_reading = true};
}

Command types_row()
{
    return {.name = "types",
        .synonyms = {"parents", "profiles", "models"},
        .summary = "List the types of devices that parents offer",
        .description = "Lists each parent with its mdev types, the number of "
                       "available instances, and the driver's description.",
        .run = run_types,
        .options = {parent_option, columns_option, noheadings_option,
            raw_option, dumpjson_option, all_frameworks_option, json_option,
            color_option},
        .rules = {{one, "", {"dumpjson", "json"}},
            {excludes, "dumpjson", {"output", "noheadings", "raw"}},
            {excludes, "json", {"noheadings", "raw"}},
            {needs, "all-frameworks", {"dumpjson"}}},
        .examples = {{"mdevctl types -p mtty", "list the types of one parent"}},
        .is_reading = true};
}

Command show_row()
{
    return {.name = "show",
        .synonyms = {"info", "status", "describe", "get", "dumpxml"},
        .operands = Operands::uuids,
        .operand = "UUID",
        .summary = "Show everything about a mediated device",
        .description =
            "Shows the active device and the definitions of each UUID (the "
            "first 8 digits are enough), and where they differ; also the type, "
            "the processes that have the device open, and the callout script "
            "that serves the device.",
        .run = run_show,
        .options = {uuid_option, json_option, color_option},
        .rules = {{any, "", {"uuid"}}},
        .devices = Devices::all,
        .is_reading = true};
}

Command monitor_row()
{
    return {.name = "monitor",
        .synonyms = {"watch", "events", "tail"},
        .summary = "Print events of devices, parents and definitions",
        .description =
            "Prints a line for each event, until the command is interrupted: a "
            "parent is registered or unregistered, a device is added or "
            "removed, a definition is added, changed or removed. The line has "
            "the type if it is known. The event 'overflow' means that events "
            "were dropped: list the full state again.",
        .run = run_monitor,
        .options = {{"initial", 0, "",
                        "Begin with an event for everything that exists. At a "
                        "terminal, a line marks the end of these events."},
            {"mark", 0, "",
                "With --initial, print 'initial-end' after the events for what "
                "exists, also to a pipe or file."},
            {"parent", 'p', "PARENT", "Print only events of this parent."},
            {"uuid", 'u', "UUID",
                "Print only events of the device and the definitions with this "
                "UUID."},
            {"event", 0, "EVENTS",
                "Print only these comma-separated events: device-added, "
                "device-removed, parent-registered, parent-unregistered, "
                "definition-added, definition-changed, definition-removed. "
                "'overflow' is always printed."},
            {"timestamp", 0, "",
                "Print the time before each event, in ISO 8601."},
            {"json", 'J', "",
                "Print a JSON object in each line; mdevctl(8) describes the "
                "format."}},
        .rules = {{needs, "mark", {"initial"}}},
        .devices = Devices::all,
        .is_reading = true};
}

}

std::vector<Command> list_rows()
{
    return {list_row(), types_row(), show_row(), monitor_row()};
}
