// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command.hpp"

// The rows of the table of commands, in several files because of their length;
// and the options that several commands have.

std::vector<Command> definition_rows(), device_rows(), list_rows(), host_rows();

constexpr Option uuid_option{"uuid", 'u', "UUID",
    "The device's UUID, as 8-4-4-4-12 or 32 hexadecimal digits in any case."};
constexpr Option parent_option{"parent", 'p', "PARENT",
    "The parent device, as 'mdevctl types' names it, for example "
    "0000:00:02.0 or matrix."};
constexpr Option type_option{"type", 't', "TYPE",
    "The mdev type, as 'mdevctl types' names it, for example "
    "i915-GVTg_V5_4."};
constexpr Option jsonfile_option{"jsonfile", 0, "FILE",
    "A file with the device's definition in JSON, as 'mdevctl list -d -u UUID "
    "--dumpjson' prints it. It may be a pipe such as /dev/stdin."};
constexpr Option force_option{"force", 'f', "",
    "Continues if a callout script refuses; its message becomes a warning."};
constexpr Option auto_option{"auto", 'a', "",
    "Starts the device by itself whenever its parent appears."};
constexpr Option dumpjson_option{
    "dumpjson", 0, "", "Prints JSON for programs instead of text."};
constexpr Option all_frameworks_option{"all-frameworks", 0, "",
    "With --dumpjson, also prints what is not of the bus mdev: virtual "
    "functions that have types of their own."};
constexpr Option if_needed_option{"if-needed", 0, "",
    "Does nothing and succeeds if the requested state exists already."};
constexpr Option dry_run_option{"dry-run", 0, "",
    "Makes every check and prints what would be done, but changes nothing and "
    "runs no script that could refuse."};
constexpr Option outcome_option{"json", 0, "",
    "Prints a JSON object in a line for each device: what was done, or why it "
    "failed."};
constexpr Option wait_option{"wait", 0, "SECONDS",
    "Waits up to SECONDS for parents and types that appear late, and for "
    "drivers that are busy."};
constexpr Option retries_option{"retries", 0, "N",
    "Tries devices that failed N more times, 10 seconds apart."};
constexpr Option json_option{"json", 'J', "",
    "Prints JSON for programs instead of text, as the manual describes it."};
constexpr Option quiet_option{"quiet", 'q', "",
    "Prints errors only: no results, no warnings, no progress."};
constexpr Option color_option{"color", 0, "WHEN",
    "Uses colors: auto (the default; at a terminal, unless NO_COLOR is set), "
    "always or never."};
constexpr Option columns_option{"output", 'o', "COLUMNS",
    "Prints a table of these columns, a comma between each two; 'all' for "
    "every column, +COLUMNS for further ones. The manual lists them."};
constexpr Option noheadings_option{
    "noheadings", 'n', "", "Prints the table without its headings."};
constexpr Option raw_option{"raw", 'r', "",
    "Prints the table with one blank between values, unaligned."};
