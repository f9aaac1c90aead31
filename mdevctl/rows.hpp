// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command.hpp"

// The rows of the table of commands, in several files because there are many;
// and the options that several commands have.

std::vector<Command> definition_rows(), device_rows(), list_rows(), host_rows();

constexpr Option uuid_option{"uuid", 'u', "UUID",
    "The UUID of the device: 8-4-4-4-12 or 32 hexadecimal digits, in upper or "
    "lower case."};
constexpr Option parent_option{"parent", 'p', "PARENT",
    "The parent device, such as 0000:00:02.0 or matrix; 'mdevctl types' lists "
    "the parents."};
constexpr Option type_option{"type", 't', "TYPE",
    "The type of the device, such as i915-GVTg_V5_4; 'mdevctl types' lists the "
    "types."};
constexpr Option jsonfile_option{"jsonfile", 0, "FILE",
    "Read the definition from a JSON file, in the format that 'mdevctl list -d "
    "-u UUID --dumpjson' prints, or from a pipe such as /dev/stdin."};
constexpr Option force_option{"force", 'f', "",
    "Continue even if a callout script rejects the operation; its message is "
    "printed as a warning."};
constexpr Option auto_option{
    "auto", 'a', "", "Start the device whenever its parent appears."};
constexpr Option dumpjson_option{"dumpjson", 0, "",
    "Print JSON in the format of mdevctl 1.x, nested by parent."};
constexpr Option all_frameworks_option{"all-frameworks", 0, "",
    "With --dumpjson, also print virtual functions, which are not mediated "
    "devices."};
constexpr Option if_needed_option{"if-needed", 0, "",
    "Do nothing and exit 0 if the requested state already exists."};
constexpr Option dry_run_option{"dry-run", 0, "",
    "Make every check and print what would be done, but change nothing and run "
    "no script that could reject the operation."};
constexpr Option outcome_option{"json", 0, "",
    "Print a JSON object for each device: the result, or the reason of the "
    "failure."};
constexpr Option wait_option{"wait", 0, "SECONDS",
    "Wait up to SECONDS for parents and types to appear and for busy drivers."};
constexpr Option retries_option{"retries", 0, "N",
    "Retry devices that failed, up to N times, 10 seconds apart."};
constexpr Option json_option{"json", 'J', "",
    "Print machine-readable JSON; mdevctl(8) describes the format."};
constexpr Option quiet_option{"quiet", 'q', "",
    "Print errors only: no results, no warnings, no progress."};
constexpr Option color_option{"color", 0, "WHEN",
    "Use colors: auto (the default: at a terminal, unless NO_COLOR is set), "
    "always or never."};
constexpr Option columns_option{"output", 'o', "COLUMNS",
    "Print a table with these comma-separated columns; 'all' selects every "
    "column, +COLUMNS adds columns to the default ones. mdevctl(8) lists the "
    "columns."};
constexpr Option noheadings_option{
    "noheadings", 'n', "", "Print the table without headings."};
constexpr Option raw_option{
    "raw", 'r', "", "Print the table with a single space between values."};
