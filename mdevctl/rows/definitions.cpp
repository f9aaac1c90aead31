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
        .summary = "Define a mediated device, so that it can be started",
        .description =
            "Stores a definition in /etc/mdevctl.d. With the UUID of an active "
            "device, parent and type are taken from it unless they are given. "
            "Without a UUID a random one is made and printed.",
        .run = run_define,
        .options = {uuid_option, parent_option, type_option, auto_option,
            jsonfile_option, force_option, if_needed_option, dry_run_option,
            outcome_option, quiet_option},
        .rules = {{any, "", {"uuid", "parent"}}, {needs, "if-needed", {"uuid"}},
            {excludes, "jsonfile", {"type", "auto"}},
            {needs, "jsonfile", {"parent"}},
            {needs, "parent", {"type", "jsonfile", "uuid"}, types_hint}},
        .examples = {{"mdevctl define -p mtty -t mtty-1 --auto",
                         "a new device, which starts with its parent"},
            {"mdevctl define -u UUID", "an active device"}},
        .devices = Devices::to_define};
}

Command undefine_row()
{
    return {.name = "undefine",
        .synonyms = {"delete", "remove", "rm"},
        .summary = "Remove the definition of a mediated device",
        .description =
            "Removes the definition from /etc/mdevctl.d. A device that is "
            "active stays active. Without a parent, every definition of that "
            "UUID is removed; with --force also one that cannot be read.",
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
            "Changes one setting of a definition, or all of it with "
            "--jsonfile. The change takes effect the next time the device is "
            "started, unless --live is given.",
        .run = run_modify,
        .options = {uuid_option, parent_option, type_option,
            {"addattr", 0, "NAME",
                "Adds an attribute, which is written to the device after "
                "its start; its value comes from --value."},
            {"delattr", 0, "", "Removes an attribute."},
            {"index", 'i', "N",
                "Adds the attribute before number N, or removes number N, "
                "as 'mdevctl list -dv' counts them; otherwise the last "
                "one."},
            {"value", 0, "VALUE", "The value for --addattr."}, auto_option,
            {"manual", 'm', "", "Starts the device by hand only."},
            jsonfile_option,
            {"live", 'l', "",
                "Changes the active device, through a callout script that "
                "can do so.",
                Devices::active},
            {"defined", 'd', "",
                "With --live, changes the definition as well."},
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
                         "start it with its parent"},
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
