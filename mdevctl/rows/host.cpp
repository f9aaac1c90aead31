// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rows.hpp"

using enum Rule::Kind;

namespace {

constexpr Option prune_option{"prune", 0, "",
    "Remove definitions that are not in the file; with --start, also stop "
    "devices that are not in the file."};
constexpr Option start_option{
    "start", 0, "", "Also start and stop devices to match the file."};

Command doctor_row()
{
    return {.name = "doctor",
        .synonyms = {"check", "diagnose", "verify"},
        .summary = "Find problems of parents, devices, definitions and scripts",
        .description =
            "Checks parents, devices, definitions, scripts and the automatic "
            "start at boot. Prints each problem and its remedy, and changes "
            "nothing. mdevctl-doctor(7) lists all findings.",
        .run = run_doctor,
        .options = {{"severity", 0, "SEVERITY",
                        "Print findings of this severity and above: warning "
                        "(the default) or error."},
            {"verbose", 'v', "", "Print every finding."}, json_option,
            color_option},
        .rules = {{one, "", {"verbose", "json"}}}};
}

Command test_callout_row()
{
    return {.name = "test-callout",
        .operands = Operands::one,
        .operand = "SCRIPT",
        .summary = "Test a callout script",
        .description = "Calls SCRIPT for each event and action of "
                       "mdevctl-callouts(7), and prints whether each answer is "
                       "right. SCRIPT need not be installed. The device does "
                       "not exist, but the script's effects on the system are "
                       "real.",
        .run = run_test_callout,
        .options = {uuid_option, parent_option, type_option,
            {"as-unit", 0, "",
                "Call the script with the restrictions that systemd imposes "
                "when devices are started at boot."},
            {"json", 'J', "", "Print a JSON object in each line."}},
        .rules = {{any, "", {"type"}}}};
}

}

std::vector<Command> host_rows()
{
    return {doctor_row(),
        {.name = "export",
            .synonyms = {"dump", "save", "backup"},
            .summary =
                "Print the state of this host, which 'apply' can restore",
            .description =
                "Prints the state of this host in JSON: every definition and "
                "active device. 'diff' and 'apply' read it, here or on another "
                "host.",
            .run = run_export,
            .options = {{"partial", 0, "",
                "Print the rest even if something cannot be read."}},
            .examples = {{"mdevctl export >host.json",
                "save the state of this host"}}},
        {.name = "diff",
            .synonyms = {"plan", "compare"},
            .operands = Operands::one,
            .operand = "FILE",
            .summary = "Show what 'apply' would change",
            .description =
                "Prints a line for each change that 'apply' would make, and "
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
            .summary = "Make definitions and devices match a state file",
            .description =
                "Reads a state file, which 'export' prints, checks all "
                "prerequisites, and changes the definitions to match the file; "
                "with options, also removes definitions and starts and stops "
                "devices. Applying the same file again changes nothing. A FILE "
                "named - is standard input.",
            .run = run_apply,
            .options = {prune_option, start_option, dry_run_option,
                outcome_option, quiet_option, color_option},
            .examples = {{"mdevctl apply host.json --dry-run", ""}}},
        test_callout_row()};
}
