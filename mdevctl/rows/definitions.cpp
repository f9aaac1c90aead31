// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rows.hpp"

using enum Rule::Kind;

namespace {

constexpr std::string_view types_hint =
    "'mdevctl types -p PARENT' lists the types";

Command define_row()
{
    return {.name = "define",
        .synonyms = {"create", "add", "new"},
        .summary = "Store the definition of a mediated device",
        .description = "Stores a definition in /etc/mdevctl.d. For an active "
                       "device, --uuid is enough: parent and type are those of "
                       "the active device unless they are specified. Without "
                       "--uuid, generates a random UUID and prints it.",
        .run = run_define,
        .options = {uuid_option, parent_option, type_option, auto_option,
            jsonfile_option, force_option, if_needed_option, dry_run_option,
            outcome_option, quiet_option},
        .rules = {{any, "", {"uuid", "parent"}}, {needs, "if-needed", {"uuid"}},
            {excludes, "jsonfile", {"type", "auto"}},
            {needs, "jsonfile", {"parent"}},
            {needs, "parent", {"type", "jsonfile", "uuid"}, types_hint}},
        .examples = {{"mdevctl define -p mtty -t mtty-1 --auto",
                         "define a device that starts when its parent appears"},
            {"mdevctl define -u UUID", "define an active device"}},
        .devices = Devices::to_define};
}

Command undefine_row()
{
    return {.name = "undefine",
        .synonyms = {"delete", "remove", "rm"},
        .summary = "Remove the definition of a mediated device",
        .description =
            "Removes the definition from /etc/mdevctl.d. A device that is "
            "active stays active. Without --parent, every definition with this "
            "UUID is removed; with --force, even one that cannot be read.",
        .run = run_undefine,
        .options = {uuid_option, parent_option, force_option, if_needed_option,
            dry_run_option, outcome_option, quiet_option},
        .rules = {{any, "", {"uuid"}}},
        .devices = Devices::defined};
}

Command modify_row()
{
    return {.name = "modify",
        .synonyms = {"edit", "set", "update", "change"},
        .summary = "Modify the definition of a mediated device",
        .description =
            "Modifies one setting of a definition, or replaces the whole "
            "definition. The change takes effect the next time the device is "
            "started, unless --live is specified.",
        .run = run_modify,
        .options = {uuid_option, parent_option, type_option,
            {"addattr", 0, "NAME",
                "Add an attribute, which is written after each start; requires "
                "--value."},
            {"delattr", 0, "",
                "Remove an attribute: the last one, or that of --index."},
            {"index", 'i', "N",
                "Add the attribute before number N, or remove number N; "
                "'mdevctl list -dv' prints the numbers. Without this option, "
                "an attribute is added or removed at the end."},
            {"value", 0, "VALUE", "The value for --addattr."}, auto_option,
            {"manual", 'm', "", "Start the device by a command only."},
            jsonfile_option,
            {"live", 'l', "",
                "Change the active device, through a callout script that "
                "supports live changes.",
                Devices::active},
            {"defined", 'd', "", "With --live, also change the definition."},
            force_option, if_needed_option, dry_run_option, outcome_option,
            quiet_option},
        .rules = {{any, "", {"uuid"}},
            {any, "",
                {"auto", "manual", "type", "addattr", "delattr", "jsonfile"}},
            {one, "", {"auto", "manual", "addattr", "delattr", "jsonfile"}},
            {excludes, "live",
                {"type", "auto", "manual", "addattr", "delattr", "index",
                    "value", "if-needed"}},
            {needs, "live", {"jsonfile"}},
            {excludes, "jsonfile", {"type", "index", "value"}},
            {needs, "jsonfile", {"parent", "live"}},
            {needs, "addattr", {"value"}}, {needs, "value", {"addattr"}},
            {needs, "index", {"addattr", "delattr"}}},
        .examples = {{"mdevctl modify -u UUID --auto",
                         "start the device when its parent appears"},
            {"mdevctl modify -u UUID --addattr assign_adapter --value 5",
                "write an attribute after each start"},
            {"mdevctl modify -u UUID --delattr -i 0",
                "remove the first attribute"}},
        .devices = Devices::defined};
}

}

std::vector<Command> definition_rows()
{
    return {define_row(), undefine_row(), modify_row()};
}
