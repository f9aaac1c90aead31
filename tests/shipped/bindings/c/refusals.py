# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes of mdev.h the C test that gives each function NULL for each pointer in
turn, all else being good, and wants to see it refused:

    refusals.py mdev.h refusals.c"""
import pathlib
import re
import sys

# What may be NULL, as the header says of each.
OPTIONAL = {
    "mdev_callout_engine_post": ["pre"],
    "mdev_callout_result_errors": ["size"],
    "mdev_callout_result_output": ["size"],
    "mdev_config_store_erase": ["erased"],
    "mdev_environment_new": ["root"],
    "mdev_environment_with_log": ["log", "user_data"],
    "mdev_listed_device_active": ["uuid", "parent"],
    "mdev_listed_device_defined": ["uuid", "parent"],
    "mdev_manager_define_spec": ["stored"],
    "mdev_manager_modify": ["parent", "user_data"],
    "mdev_manager_start": ["device"],
    "mdev_manager_start_defined": ["parent"],
    "mdev_manager_start_spec": ["device"],
    "mdev_manager_stop_all": ["parent"],
    "mdev_manager_undefine": ["parent"],
    "mdev_manager_with_listener": ["listener", "user_data"],
    "mdev_type_create": ["device"],
    "mdev_uuid_compare": ["a", "b"],
}
VALUES = {
    "const char*": '"P"',
    "const void*": '"P"',
    "char*": "text",
    "int": "0",
    "int*": "&number",
    "long": "0",
    "size_t": "1",
    "size_t*": "&size",
    "void*": "text",
    "mdev_edit_function": "unwanted_edit",
    "mdev_log_function": "unwanted_log",
    "mdev_outcome_function": "unwanted_outcome",
    "const mdev_uuid*": "&world.uuid",
    "mdev_uuid*": "&uuid",
}
PARAMETER = re.compile(r"(.*?)(\w+)(\[\w+\])?$")


def functions(header):
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
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


def value(kind):
    if kind in VALUES:
        return VALUES[kind]
    if kind.endswith("**"):
        return f"&made.{kind[len('mdev_'):-2]}"
    return "good." + kind.removeprefix("const ")[len("mdev_"):-1]


def checks(result, name, parameters):
    for at, (kind, parameter) in enumerate(parameters):
        if not is_pointer(kind) or parameter in OPTIONAL.get(name, []):
            continue
        words = [value(kind) for kind, _ in parameters]
        words[at] = "NULL"
        call = f"{name}({', '.join(words)})"
        if result == "void":
            yield f"    {call};"
        elif result in ("int", "long"):
            yield f"    FAILS(-EINVAL, {call});"
        else:
            yield f"    NOTHING(-EINVAL, {call});"


def main(header, output):
    lines = ["/* Made by refusals.py. */", '#include "refusals.h"',
             '#include "tap.h"', "", "#include <errno.h>", ""]
    count = 0
    for result, name, parameters in functions(
            pathlib.Path(header).read_text(encoding="utf-8")):
        found = list(checks(result, name, parameters))
        if not found:
            continue
        lines += [f"static void {name}_refuses_null(void)", "{", *found, "}",
                  ""]
        count += 1
        lines.append(f"#define TEST_{count} TEST({name}_refuses_null)")
    lines += ["", "void test_each_null(void)", "{"]
    lines += [f"    TEST_{number};" for number in range(1, count + 1)]
    lines += ["}", ""]
    pathlib.Path(output).write_text("\n".join(lines), encoding="utf-8")


main(*sys.argv[1:])
