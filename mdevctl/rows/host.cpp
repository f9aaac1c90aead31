// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rows.hpp"

using enum Rule::Kind;

namespace {

constexpr Option prune_option{"prune", 0, "",
    "Removes definitions that the file does not have; with --start, stops "
    "devices that it does not have."};
constexpr Option start_option{
    "start", 0, "", "Also starts and stops devices, as the file says."};

Command doctor_row()
{
    return {.name = "doctor",
        .synonyms = {"check", "diagnose", "verify"},
        .summary = "Say what is wrong with the system",
        .description =
            "Examines parents, devices, definitions, scripts and what starts "
            "devices at boot, says what is wrong and what to do about it, and "
            "changes nothing. mdevctl-doctor(7) explains each finding.",
        .run = run_doctor,
        .options = {{"severity", 0, "SEVERITY",
                        "Prints findings of this severity and above: warning "
                        "(the default) or error."},
            {"verbose", 'v', "",
                "Prints each finding, however many are alike."},
            json_option, color_option},
        .rules = {{one, "", {"verbose", "json"}}}};
}

Command test_callout_row()
{
    return {.name = "test-callout",
        .operands = Operands::one,
        .operand = "SCRIPT",
        .summary = "Test a callout script",
        .description =
            "Calls SCRIPT, outside the system's directories, for every event "
            "and action that mdevctl-callouts(7) describes, with a device of "
            "the given type that does not exist, and says what is wrong with "
            "its answers. Whatever the script does to the system, it does now.",
        .run = run_test_callout,
        .options = {uuid_option, parent_option, type_option,
            {"as-unit", 0, "",
                "Calls it with what systemd forbids when it starts devices at "
                "boot."},
            {"json", 'J', "", "Prints a JSON object in each line."}},
        .rules = {{any, "", {"type"}}}};
}

}

std::vector<Command> host_rows()
{
    return {doctor_row(),
        {.name = "export",
            .synonyms = {"dump", "save", "backup"},
            .summary = "Print what is defined and active, to apply it later",
            .description =
                "Prints the state of this host in JSON: every definition and "
                "active device. 'diff' and 'apply' read it, here or on another "
                "host.",
            .run = run_export,
            .options = {{"partial", 0, "",
                "Leaves out what cannot be read, instead of printing "
                "nothing."}},
            .examples = {{"mdevctl export >host.json", "save the state"}}},
        {.name = "diff",
            .synonyms = {"plan", "compare"},
            .operands = Operands::one,
            .operand = "FILE",
            .summary = "Say what 'apply' would change",
            .description =
                "Prints a line for each thing that is not as FILE says, and "
                "changes nothing. A FILE named - is standard input.",
            .run = run_diff,
            .options = {prune_option, start_option, outcome_option,
                quiet_option, color_option},
            .examples = {{"mdevctl diff host.json", ""},
                {"ssh HOST mdevctl export | mdevctl diff -",
                    "compare this host with another"}}},
        {.name = "apply",
            .synonyms = {"import", "load", "restore", "sync"},
            .operands = Operands::one,
            .operand = "FILE",
            .summary = "Make definitions and devices what a file says",
            .description =
                "Reads a state as 'export' prints it, checks all "
                "prerequisites, and then defines, modifies and, by option, "
                "starts, stops and undefines. A second time there is nothing "
                "to do. A FILE named - is standard input.",
            .run = run_apply,
            .options = {prune_option, start_option, dry_run_option,
                outcome_option, quiet_option, color_option},
            .examples = {{"mdevctl apply host.json --dry-run", ""}}},
        test_callout_row()};
}
