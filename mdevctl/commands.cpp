// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command.hpp"

namespace {

using enum Rule::Kind;

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
    "Goes on where a callout script refuses; what it said becomes a warning."};
constexpr Option auto_option{"auto", 'a', "",
    "Starts the device by itself whenever its parent appears."};
constexpr Option dumpjson_option{
    "dumpjson", 0, "", "Prints JSON for programs instead of text."};
constexpr Option if_needed_option{"if-needed", 0, "",
    "Succeeds without doing anything where it is so already."};
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
constexpr Option json_option{"json", 0, "",
    "Prints JSON for programs instead of text, as the manual describes it."};
constexpr Option prune_option{"prune", 0, "",
    "Removes definitions that the file does not have; with --start, stops "
    "devices that it does not have."};
constexpr Option start_option{
    "start", 0, "", "Also starts and stops devices, as the file says."};

// NOLINTNEXTLINE(readability-function-size): a table is as long as it is
std::vector<Command> make_table()
{
    return {
        {"define", "", "Define a mediated device, so that it can be started",
            "Stores a definition in /etc/mdevctl.d. With the UUID of an active "
            "device, parent and type are taken from it unless they are given. "
            "Without a UUID a random one is made and printed.",
            run_define,
            {uuid_option, parent_option, type_option, auto_option,
                jsonfile_option, force_option, if_needed_option, dry_run_option,
                outcome_option},
            {{any, "", {"uuid", "parent"}}, {needs, "if-needed", {"uuid"}},
                {excludes, "jsonfile", {"type", "auto"}},
                {needs, "jsonfile", {"parent"}}},
            Devices::to_define},
        {"undefine", "", "Remove the definition of a mediated device",
            "Removes the definition from /etc/mdevctl.d; a device that is "
            "active "
            "stays active. Without a parent every definition of that UUID "
            "goes. "
            "With --force also one that cannot be read.",
            run_undefine,
            {uuid_option, parent_option, force_option, if_needed_option,
                dry_run_option, outcome_option},
            {{any, "", {"uuid"}}}, Devices::defined},
        {"modify", "", "Modify the definition of a mediated device",
            "Changes one thing of a definition, or all of it with --jsonfile. "
            "A "
            "device that is active does not notice before its next start, "
            "unless "
            "--live is given.",
            run_modify,
            {uuid_option, parent_option, type_option,
                {"addattr", 0, "NAME",
                    "Adds an attribute, which is written to the device after "
                    "its "
                    "start; its value comes from --value."},
                {"delattr", 0, "", "Removes an attribute."},
                {"index", 'i', "N",
                    "Adds the attribute before number N, or removes number N, "
                    "as "
                    "'mdevctl list -dv' counts them; otherwise the last one."},
                {"value", 0, "VALUE", "The value for --addattr."}, auto_option,
                {"manual", 'm', "", "Starts the device by hand only."},
                jsonfile_option,
                {"live", 'l', "",
                    "Changes the running device through a callout script that "
                    "can "
                    "do so.",
                    Devices::active},
                {"defined", 'd', "",
                    "With --live, changes the definition as well."},
                force_option, if_needed_option, dry_run_option, outcome_option},
            {{any, "", {"uuid"}},
                {any, "",
                    {"auto", "manual", "type", "addattr", "delattr",
                        "jsonfile"}},
                {one, "", {"auto", "manual", "addattr", "delattr", "jsonfile"}},
                {excludes, "live",
                    {"type", "auto", "manual", "addattr", "delattr", "index",
                        "value", "if-needed"}},
                {needs, "live", {"jsonfile"}},
                {excludes, "jsonfile", {"type", "index", "value"}},
                {needs, "jsonfile", {"parent", "live"}},
                {needs, "addattr", {"value"}}, {needs, "value", {"addattr"}},
                {needs, "index", {"addattr", "delattr"}}},
            Devices::defined},
        {"start", "", "Start a mediated device",
            "Starts the definition of that UUID; if there is none, a device "
            "that "
            "lives until it is stopped, of the given parent with a type or a "
            "JSON "
            "file. Without a UUID a random one is made and printed. With "
            "--all, "
            "starts every definition that does not run yet.",
            run_start,
            {uuid_option, parent_option, type_option, jsonfile_option,
                {"all", 0, "",
                    "Starts every definition, with --parent every one of that "
                    "parent, and prints which; one that fails does not stop "
                    "the "
                    "next."},
                wait_option, force_option, if_needed_option, dry_run_option,
                outcome_option},
            {{any, "", {"uuid", "parent", "all"}},
                {needs, "if-needed", {"uuid", "all"}},
                {excludes, "all", {"uuid", "type", "jsonfile"}},
                {excludes, "jsonfile", {"type"}},
                {needs, "jsonfile", {"parent"}}},
            Devices::to_start},
        {"stop", "", "Stop a mediated device",
            "Removes an active device; its definition stays. While a process "
            "has the device open, the kernel waits, and so does this command, "
            "unless --if-unused or --timeout is given.",
            run_stop,
            {uuid_option,
                {"all", 0, "",
                    "Stops every active device, those in use last, and prints "
                    "which; one that fails does not stop the next."},
                {"parent", 'p', "PARENT",
                    "With --all, only the devices of that parent."},
                {"if-unused", 0, "",
                    "Leaves a device alone that a process has open, and "
                    "fails."},
                {"timeout", 0, "SECONDS",
                    "Waits so long for the processes that have a device open, "
                    "and then fails; the kernel removes the device when they "
                    "close it."},
                force_option, if_needed_option, dry_run_option, outcome_option},
            {{any, "", {"uuid", "all"}}, {excludes, "all", {"uuid"}},
                {needs, "parent", {"all"}}},
            Devices::active},
        {"start-all", "", "Start every device that starts automatically",
            "Starts each definition that is marked 'auto' and does not run "
            "yet; "
            "one that fails does not stop the next. Where udev tells of "
            "parents, "
            "the system does this by itself.",
            run_start_all,
            {wait_option, retries_option, dry_run_option, outcome_option}},
        {"list", "", "List mediated devices",
            "Prints a line for each active device: its UUID, parent, type and "
            "how "
            "it starts, and whether it is defined.",
            run_list,
            {{"defined", 'd', "",
                 "Lists the definitions instead, and whether they are active.",
                 Devices::defined},
                dumpjson_option,
                {"verbose", 'v', "", "Also prints each device's attributes."},
                json_option,
                {"output", 'o', "COLUMNS",
                    "Prints a table of these columns, a comma between each "
                    "two: "
                    "uuid, parent, type, start, active, defined, differs, "
                    "attrs, "
                    "path, file."},
                {"noheadings", 'n', "",
                    "Prints the table without its headings."},
                uuid_option, parent_option, version_option},
            {{one, "", {"dumpjson", "json", "output"}},
                {excludes, "verbose", {"json", "output"}},
                {needs, "noheadings", {"output"}}},
            Devices::active},
        {"types", "", "List the types of devices that parents offer",
            "Prints each parent with its mdev types, how many more devices of "
            "each "
            "can be started, and what the driver says about it.",
            run_types, {parent_option, dumpjson_option, json_option},
            {{one, "", {"dumpjson", "json"}}}},
        {"show", "UUID", "Show everything about one mediated device",
            "Prints what is active and what is defined of the device UUID, "
            "where "
            "the two differ, its type, who uses it, and the script that serves "
            "it.",
            run_show, {json_option}, {}, Devices::all},
        {"monitor", "",
            "Print what happens to devices, until it is interrupted",
            "Prints a line for each event: a parent is registered or "
            "unregistered, a device is added or removed, a definition is "
            "added, changed or removed, with the type where it is known. "
            "After 'overflow', events were dropped, and everything has to be "
            "listed again.",
            run_monitor,
            {{"initial", 0, "",
                 "Begins with an event for everything that exists."},
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
                {"json", 0, "",
                    "Prints a JSON object in each line, as the manual "
                    "describes "
                    "it."}},
            {}, Devices::all},
        {"doctor", "", "Say what is wrong with the system",
            "Looks at parents, devices, definitions, scripts and what starts "
            "devices at boot, says what is wrong and what to do about it, and "
            "changes nothing. mdevctl-doctor(7) explains each finding.",
            run_doctor,
            {{"verbose", 'v', "",
                 "Prints each finding, however many are alike."},
                json_option},
            {{one, "", {"verbose", "json"}}}},
        {"export", "", "Print what is defined and active, to apply it later",
            "Prints a JSON document of every definition and active device, "
            "which "
            "'diff' and 'apply' read, here or on another host.",
            run_export,
            {{"partial", 0, "",
                "Leaves out what cannot be read, instead of printing "
                "nothing."}}},
        {"diff", "FILE", "Say what 'apply' would change",
            "Prints a line for each thing that is not as FILE says, and "
            "changes "
            "nothing.",
            run_diff, {prune_option, start_option, outcome_option}},
        {"apply", "FILE", "Make definitions and devices what a file says",
            "Reads a document as 'export' prints it, looks for everything that "
            "can "
            "be in the way, and then defines, modifies and, by option, starts, "
            "stops and undefines. A second time it has nothing to do.",
            run_apply,
            {prune_option, start_option, dry_run_option, outcome_option}},
        {"test-callout", "SCRIPT", "Test a callout script",
            "Calls SCRIPT, outside the system's directories, for every event "
            "and "
            "action that mdevctl-callouts(7) describes, with a device of the "
            "given "
            "type that does not exist, and says what is wrong with its "
            "answers. "
            "Whatever the script does to the system, it does now.",
            run_test_callout,
            {uuid_option, parent_option, type_option,
                {"as-unit", 0, "",
                    "Calls it with what systemd forbids when it starts devices "
                    "at boot."},
                {"json", 0, "", "Prints a JSON object in each line."}},
            {{any, "", {"type"}}}},
        {"start-parent-mdevs", "PARENT",
            "Start a parent's devices that start automatically",
            "Starts each definition of PARENT, or of the parent whose "
            "directory in "
            "/sys is PARENT, that is marked 'auto' and does not run yet; one "
            "that "
            "fails does not stop the next. The system does this by itself when "
            "the "
            "parent appears.",
            run_start_parent,
            {wait_option, retries_option, dry_run_option, outcome_option}, {},
            Devices::none, false},
    };
}

}

const std::vector<Command>& commands()
{
    // Made when it is needed, which it is not for --version.
    static const auto table = make_table();
    return table;
}

const Command* find_command(std::string_view name)
{
    for (const auto& command : commands())
        if (command.name == name)
            return &command;
    return nullptr;
}

const Command& needed_command(std::string_view name)
{
    if (const auto* command = find_command(name))
        return *command;
    throw UsageError(
        nullptr, "there is no command '" + std::string(name) + "'");
}

const Option* find_option(const Command& command, std::string_view name)
{
    for (const auto& option : command.options)
        if (option.name == name)
            return &option;
    return name == help_option.name ? &help_option : nullptr;
}
