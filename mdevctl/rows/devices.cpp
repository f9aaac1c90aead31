// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rows.hpp"

using enum Rule::Kind;

namespace {

Command start_row()
{
    return {.name = "start",
        .synonyms = {"run", "up", "activate", "enable"},
        .operands = Operands::uuids,
        .operand = "UUID",
        .summary = "Start mediated devices",
        .description =
            "Starts the definition of each UUID. If no definition matches, "
            "creates a transient device (one that is gone once it is stopped) "
            "from --parent and --type or --jsonfile. Without a UUID, generates "
            "a random one and prints it. --auto starts the definitions that "
            "start automatically, --all every definition.",
        .run = run_start,
        .options = {uuid_option, parent_option, type_option, jsonfile_option,
            {"all", 0, "",
                "Start every definition that is not active, whatever its start "
                "mode; with --parent, only those of this parent."},
            {"auto", 'a', "",
                "Start every definition that starts automatically and is not "
                "active; with --parent, only those of this parent."},
            wait_option, retries_option, force_option, if_needed_option,
            dry_run_option, outcome_option, quiet_option},
        .rules = {{any, "", {"uuid", "parent", "all", "auto"}},
            {one, "", {"all", "auto"}},
            {needs, "if-needed", {"uuid", "all", "auto"}},
            {needs, "retries", {"all", "auto"}},
            {excludes, "all", {"uuid", "type", "jsonfile"}},
            {excludes, "auto", {"uuid", "type", "jsonfile"}},
            {excludes, "jsonfile", {"type"}}, {needs, "jsonfile", {"parent"}},
            {needs, "parent", {"type", "jsonfile", "uuid", "all", "auto"},
                "'mdevctl types -p PARENT' lists the types"}},
        .examples = {{"mdevctl start UUID", "start a defined device"},
            {"mdevctl start -p mtty -t mtty-1", "start a transient device"},
            {"mdevctl start --auto",
                "start the definitions that start automatically"}},
        .devices = Devices::to_start};
}

Command stop_row()
{
    return {.name = "stop",
        .synonyms = {"destroy", "down", "kill", "remove", "delete", "disable"},
        .operands = Operands::uuids,
        .operand = "UUID",
        .summary = "Stop mediated devices",
        .description =
            "Removes active devices; their definitions are kept. While a "
            "process has a device open, the kernel and this command wait, "
            "unless --if-unused or --timeout is specified.",
        .run = run_stop,
        .options = {uuid_option,
            {"all", 0, "",
                "Stop every active device, those in use last; a device that "
                "fails does not stop the others."},
            {"parent", 'p', "PARENT",
                "With --all, stop only the devices of this parent."},
            {"if-unused", 0, "",
                "Do not stop a device that a process has open; fail instead."},
            {"timeout", 0, "SECONDS",
                "Wait up to SECONDS for the processes that have a device open, "
                "and then fail; the kernel removes the device when they close "
                "it."},
            force_option, if_needed_option, dry_run_option, outcome_option,
            quiet_option},
        .rules = {{any, "", {"uuid", "all"}}, {excludes, "all", {"uuid"}},
            {needs, "parent", {"all"}}},
        .examples = {{"mdevctl stop UUID", "stop a device"},
            {"mdevctl stop --all --if-unused", "stop all unused devices"}},
        .devices = Devices::active};
}

}

std::vector<Command> device_rows()
{
    return {start_row(), stop_row(),
        {.name = "start-all",
            .summary = "Start every device that starts automatically",
            .description =
                "Starts each definition that starts automatically and is not "
                "active, like 'mdevctl start --auto'; a device that fails does "
                "not stop the others. On systems with udev, this happens when "
                "the parents appear.",
            .run = run_start_all,
            .options = {wait_option, retries_option, dry_run_option,
                outcome_option, quiet_option}},
        {.name = "start-parent-mdevs",
            .operands = Operands::one,
            .operand = "PARENT",
            .summary = "Start a parent's devices that start automatically",
            .description =
                "Starts each definition of a parent that starts automatically "
                "and is not active; a device that fails does not stop the "
                "others. PARENT is the name of the parent, or its directory in "
                "/sys. On systems with udev, this happens when the parent "
                "appears.",
            .run = run_start_parent,
            .options = {wait_option, retries_option, dry_run_option,
                outcome_option, quiet_option},
            .is_listed = false}};
}
