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
            "Starts the definition of each UUID. If there is none, starts a "
            "transient device, which is gone once it is stopped, of the given "
            "parent with a type or a JSON file. Without a UUID a random one is "
            "made and printed. --auto starts what is to start automatically, "
            "--all every definition.",
        .run = run_start,
        .options = {uuid_option, parent_option, type_option, jsonfile_option,
            {"all", 0, "",
                "Starts every definition, also those that start manually; "
                "with --parent, those of that parent."},
            {"auto", 'a', "",
                "Starts every definition that starts automatically; with "
                "--parent, those of that parent."},
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
        .examples = {{"mdevctl start UUID", "a device that is defined"},
            {"mdevctl start -p mtty -t mtty-1", "a transient device"},
            {"mdevctl start --auto", "what starts automatically"}},
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
            "Removes active devices; their definitions stay. While a process "
            "has a device open, the kernel waits, and so does this command, "
            "unless --if-unused or --timeout is given.",
        .run = run_stop,
        .options = {uuid_option,
            {"all", 0, "",
                "Stops every active device, those in use last; one that "
                "fails does not stop the next."},
            {"parent", 'p', "PARENT",
                "With --all, only the devices of that parent."},
            {"if-unused", 0, "",
                "Leaves a device alone that a process has open, and "
                "fails."},
            {"timeout", 0, "SECONDS",
                "Waits up to SECONDS for the processes that have a device "
                "open, and then fails; the kernel removes the device when "
                "they close it."},
            force_option, if_needed_option, dry_run_option, outcome_option,
            quiet_option},
        .rules = {{any, "", {"uuid", "all"}}, {excludes, "all", {"uuid"}},
            {needs, "parent", {"all"}}},
        .examples = {{"mdevctl stop UUID", "one device"},
            {"mdevctl stop --all --if-unused", "what no process has open"}},
        .devices = Devices::active};
}

}

std::vector<Command> device_rows()
{
    return {start_row(), stop_row(),
        {.name = "start-all",
            .summary = "Start every device that starts automatically",
            .description =
                "The same as 'mdevctl start --auto': starts each definition "
                "that starts automatically and is not active; one that fails "
                "does not stop the next. On systems with udev, this happens "
                "when the parents appear.",
            .run = run_start_all,
            .options = {wait_option, retries_option, dry_run_option,
                outcome_option, quiet_option}},
        {.name = "start-parent-mdevs",
            .operands = Operands::one,
            .operand = "PARENT",
            .summary = "Start a parent's devices that start automatically",
            .description =
                "Starts each definition of PARENT, or of the parent whose "
                "directory in /sys is PARENT, that starts automatically and is "
                "not active; one that fails does not stop the next. The system "
                "does this by itself when the parent appears.",
            .run = run_start_parent,
            .options = {wait_option, retries_option, dry_run_option,
                outcome_option, quiet_option},
            .is_listed = false}};
}
