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
        .description =
            "Lists the active devices, or only those of each UUID, of which "
            "the first 8 digits will do. At a terminal, prints a table with "
            "their state. To a pipe or file, prints a line for each: its UUID, "
            "parent, type, how it starts, and whether it is defined.",
        .run = run_list,
        .options =
            {{"all", 'a', "",
                 "Lists active and defined devices together, with their "
                 "state: active, defined, active+defined, differs (from its "
                 "definition), failed or broken.",
                 Devices::all},
                {"defined", 'd', "",
                    "Lists the definitions instead, and whether they are "
                    "active.",
                    Devices::defined},
                uuid_option, parent_option,
                {"type", 't', "TYPE", "Lists only devices of this type."},
                {"state", 0, "STATE",
                    "With --all, lists only devices in this state."},
                {"auto", 0, "", "Lists only devices that start automatically."},
                {"sort", 0, "COLUMN", "Sorts by this column."}, columns_option,
                noheadings_option, raw_option,
                {"tree", 0, "",
                    "Prints a tree: each parent, its types with how many more "
                    "of each can be started, and their devices."},
                {"watch", 0, "",
                    "Prints the list again whenever something changes, until "
                    "it is interrupted."},
                {"verbose", 'v', "", "Also prints each device's attributes."},
                dumpjson_option, all_frameworks_option, json_option,
                color_option, version_option},
        .rules = {{one, "", {"all", "defined"}},
            {one, "", {"dumpjson", "json"}}, {one, "", {"dumpjson", "output"}},
            {excludes, "dumpjson",
                {"all", "state", "auto", "sort", "noheadings", "raw", "tree",
                    "watch"}},
            {excludes, "json", {"noheadings", "raw", "tree"}},
            {excludes, "tree", {"output", "noheadings", "raw", "sort"}},
            {excludes, "verbose", {"json", "output", "raw", "tree"}},
            {needs, "state", {"all"}}, {needs, "all-frameworks", {"dumpjson"}}},
        .examples = {{"mdevctl list --all", "everything, with its state"},
            {"mdevctl list -o +path,users", "further columns"},
            {"mdevctl list --tree", "parents, types and devices"}},
        .devices = Devices::active,
        .is_reading = true};
}

Command types_row()
{
    return {.name = "types",
        .synonyms = {"parents", "profiles", "models"},
        .summary = "List the types of devices that parents offer",
        .description =
            "Lists each parent with its mdev types, how many more devices of "
            "each can be started, and the driver's description.",
        .run = run_types,
        .options = {parent_option, columns_option, noheadings_option,
            raw_option, dumpjson_option, all_frameworks_option, json_option,
            color_option},
        .rules = {{one, "", {"dumpjson", "json"}},
            {excludes, "dumpjson", {"output", "noheadings", "raw"}},
            {excludes, "json", {"noheadings", "raw"}},
            {needs, "all-frameworks", {"dumpjson"}}},
        .examples = {{"mdevctl types -p mtty", "the types of one parent"}},
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
            "Prints what is active and what is defined of each UUID, of which "
            "the first 8 digits will do: where the two differ, the type, which "
            "processes have the device open, and the script that serves it.",
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
        .summary = "Print what happens to devices, until it is interrupted",
        .description =
            "Prints a line for each event: a parent is registered or "
            "unregistered, a device is added or removed, a definition is "
            "added, changed or removed, with the type where it is known. After "
            "'overflow', events were dropped, and everything has to be listed "
            "again.",
        .run = run_monitor,
        .options = {{"initial", 0, "",
                        "Begins with an event for everything that exists. At a "
                        "terminal, a line marks their end."},
            {"mark", 0, "",
                "With --initial, prints the event 'initial-end' behind the "
                "last event for what existed."},
            {"parent", 'p', "PARENT", "Prints only events of this parent."},
            {"uuid", 'u', "UUID",
                "Prints only events of the device and the definitions of "
                "this UUID."},
            {"event", 0, "EVENTS",
                "Prints only these events, a comma between each two: "
                "device-added, device-removed, parent-registered, "
                "parent-unregistered, definition-added, "
                "definition-changed, definition-removed. An overflow is "
                "always printed."},
            {"timestamp", 0, "",
                "Prints the time before each event, in ISO 8601."},
            {"json", 'J', "",
                "Prints a JSON object in each line, as the manual "
                "describes it."}},
        .rules = {{needs, "mark", {"initial"}}},
        .devices = Devices::all,
        .is_reading = true};
}

}

std::vector<Command> list_rows()
{
    return {list_row(), types_row(), show_row(), monitor_row()};
}
