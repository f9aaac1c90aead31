# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a C test from mdev.h. The test calls each function with each argument
bad in turn, and all others good. The function must refuse that argument: NULL
for a pointer, other numbers for an enumeration.

refusals.py mdev.h refusals.c"""
import pathlib
import re
import sys

# The arguments that may be NULL, according to the header.
OPTIONAL = {
    "mdev_callout_engine_post": ["pre"],
    "mdev_callout_result_errors": ["size"],
    "mdev_callout_result_output": ["size"],
    "mdev_config_store_erase": ["erased"],
    "mdev_definition_from_file": ["env"],
    "mdev_environment_new": ["root"],
    "mdev_environment_with_log": ["log", "user_data"],
    "mdev_listed_device_active": ["uuid", "parent"],
    "mdev_listed_device_defined": ["uuid", "parent"],
    "mdev_listed_device_each_defined": ["uuid", "parent", "user_data"],
    "mdev_listed_device_write_json": ["uuid", "parent", "user_data"],
    "mdev_manager_define_spec": ["stored"],
    "mdev_manager_edit_live": ["user_data"],
    "mdev_manager_modify": ["parent", "user_data"],
    "mdev_manager_start": ["device"],
    "mdev_manager_start_defined": ["parent"],
    "mdev_manager_start_spec": ["device"],
    "mdev_manager_stop_all": ["parent"],
    "mdev_manager_undefine": ["parent"],
    "mdev_manager_with_listener": ["listener", "user_data"],
    "mdev_type_create": ["device"],
    "mdev_uuid_compare": ["a", "b"],
    "mdev_uuid_from_name": ["space"],
}
VALUES = {
    "const char*": '"P"',
    "const void*": '"P"',
    "char*": "text",
    "int*": "&number",
    "long": "0",
    "size_t": "1",
    "size_t*": "&size",
    "void*": "text",
    "mdev_edit_function": "unwanted_edit",
    "mdev_json_function": "unwanted_json",
    "mdev_listed_device_function": "unwanted_device",
    "mdev_log_function": "unwanted_log",
    "mdev_outcome_function": "unwanted_outcome",
    "const mdev_uuid*": "&world.uuid",
    "mdev_uuid*": "&uuid",
}
# The enumeration of each argument that has one, by its name. Arguments of type
# int without an enumeration are listed separately.
ENUMERATIONS = {
    "action": "mdev_callout_action",
    "active_devices": "mdev_active_devices",
    "activity": "mdev_activity",
    "ask_scripts": "mdev_ask_scripts",
    "event": "mdev_callout_event",
    "format": "mdev_json_format",
    "framework": "mdev_framework",
    "in_use": "mdev_in_use",
    "kind": "mdev_event_kind",
    "level": "mdev_log_level",
    "prune": "mdev_prune",
    "scope": "mdev_live_scope",
    "start": "mdev_start_mode",
    "state": "mdev_callout_state",
}
OTHER_NUMBERS = {"descriptor": "0", "is_defined": "1"}
PARAMETER = re.compile(r"(.*?)(\w+)(\[\w+\])?$")


def enumerations(text):
    """Returns the numbers of each enumeration, in order."""
    return {
        name: [int(number) for number in re.findall(r"= (-?\d+)", body)]
        for name, body in re.findall(r"enum (mdev_\w+) \{(.*?)\};", text,
                                     flags=re.S)}


def functions(text):
    for result, name, parameters in re.findall(
            r"^([a-z][\w ]*\*?) (mdev_\w+)\(([^;]*?)\);", text, flags=re.M):
        yield result, name, [
            parameter_of(" ".join(part.split()))
            for part in parameters.split(",") if part != "void"]


def parameter_of(text):
    kind, name, array = PARAMETER.match(text).groups()
    return kind.strip() + ("*" if array else ""), name


def is_pointer(kind):
    return kind.endswith("*") or kind.endswith("_function")


def value(kind, name, numbers):
    if kind == "int" and name in ENUMERATIONS:
        return str(numbers[ENUMERATIONS[name]][0])
    if kind == "int":
        return OTHER_NUMBERS[name]
    if kind in VALUES:
        return VALUES[kind]
    if kind.endswith("**"):
        return f"&made.{kind[len('mdev_'):-2]}"
    return "good." + kind.removeprefix("const ")[len("mdev_"):-1]


def bad_values(kind, name, optional, numbers):
    if is_pointer(kind) and name not in optional:
        return ["NULL"]
    if kind == "int" and name in ENUMERATIONS:
        known = numbers[ENUMERATIONS[name]]
        return [min(known) - 1, max(known) + 1, "INT_MIN", "INT_MAX"]
    return []


def checks(result, name, parameters, numbers):
    """Returns the statements that call a function, one for each bad argument.
    """
    good = [value(*parameter, numbers) for parameter in parameters]
    for at, (kind, parameter) in enumerate(parameters):
        for bad in bad_values(kind, parameter, OPTIONAL.get(name, []), numbers):
            words = [*good[:at], str(bad), *good[at + 1:]]
            call = f"{name}({', '.join(words)})"
            if result == "void":
                yield f"    {call};"
                continue
            check = "FAILS" if result in ("int", "long", "int64_t") else "NOTHING"
            yield f"    {check}(-EINVAL, {call});"
            yield f'    SAME(mdev_last_error_subject(), "{parameter}");'


def main(header, output):
    text = re.sub(r"/\*.*?\*/", "", pathlib.Path(header).read_text(
        encoding="utf-8"), flags=re.S)
    numbers = enumerations(text)
    lines = ["/* Made by refusals.py. */", '#include "refusals.h"',
             '#include "tap.h"', "", "#include <errno.h>",
             "#include <limits.h>", ""]
    count = 0
    for result, name, parameters in functions(text):
        found = list(checks(result, name, parameters, numbers))
        if not found:
            continue
        lines += [f"static void {name}_refuses_bad_arguments(void)", "{", *found, "}",
                  ""]
        count += 1
        lines.append(f"#define TEST_{count} TEST({name}_refuses_bad_arguments)")
    lines += ["", "void test_each_bad_argument(void)", "{"]
    lines += [f"    TEST_{number};" for number in range(1, count + 1)]
    lines += ["}", ""]
    pathlib.Path(output).write_text("\n".join(lines), encoding="utf-8")


main(*sys.argv[1:])
