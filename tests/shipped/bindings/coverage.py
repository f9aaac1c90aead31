# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that everything that the C++ library exports has a counterpart in
each binding, and that each enumerator has the same number in C. Prints TAP.

coverage.py --library FILE --include DIRECTORY --header mdev.h
--stubs _mdev.pyi
"""
import argparse
import ast
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

# Functions with another name, or without a counterpart because the language has
# one, by their C++ names.
IN_C = {
    "Error": ["mdev_last_error_code"],
    "Error::cause": ["mdev_last_error_errno"],
    "Error::subject": ["mdev_last_error_subject"],
    "Error::outcomes": ["mdev_last_error_outcomes"],
    "Error::users": ["mdev_last_error_users"],
    "Error::what": ["mdev_last_error_message"],
    "Error::operator=": [],
    "error_category": ["mdev_last_error_code"],
    "make_error_code": ["mdev_last_error_code"],
    "Uuid": [],
    "Uuid::bytes": [],
    "to_json": [
        "mdev_definition_list_to_json", "mdev_finding_list_to_json",
        "mdev_listed_device_list_to_json", "mdev_parent_device_list_to_json"],
    "write_json": ["mdev_listed_device_write_json"],
    "word": ["mdev_event_kind_word", "mdev_framework_word"],
    "HostDevice::defined": ["mdev_host_device_set_defined"],
    "Outcome::cause": ["mdev_outcome_errno"],
    "EventFilter::parent": ["mdev_event_filter_set_parent"],
    "EventFilter::uuid": ["mdev_event_filter_set_uuid"],
    "EventFilter::kind": ["mdev_event_filter_add_kind"],
    "operator==": [
        "mdev_uuid_compare", "mdev_definition_is_equal", "mdev_device_is_equal",
        "mdev_parent_device_is_equal"],
    "operator!=": ["mdev_uuid_compare"],
    "operator<": ["mdev_uuid_compare"],
    "operator<<": ["mdev_uuid_string"],
}
IN_PYTHON = {
    "Error": ["Errc"],
    "Error::cause": [],  # Error itself is Python: _errors.py
    "Error::subject": [],
    "Error::outcomes": [],
    "Error::users": [],
    "Error::what": [],
    "Error::operator=": [],
    "DeviceUser::pid": [],  # a named tuple
    "DeviceUser::command": [],
    "error_category": ["Errc"],
    "make_error_code": ["Errc"],
    "Uuid": [],  # Python's own
    "Uuid::bytes": [],
    "Uuid::from_name": ["uuid_from_name"],
    "Uuid::parse": [],
    "Uuid::random": [],
    "Uuid::string": [],
    "operator==": [],
    "operator!=": [],
    "operator<": [],
    "operator<<": [],
    "to_json": ["Definition.list_to_json", "Finding.list_to_json",
                "ListedDevice.list_to_json", "ParentDevice.list_to_json"],
    "write_json": ["ListedDevice.write_json"],
    "word": ["EventKind"],  # the name of the enumerator
    "version": ["__version__"],
    "Monitor::descriptor": ["Monitor.fileno"],
    "EventFilter": ["Monitor.__init__"],
    "EventFilter::parent": ["Monitor.__init__"],
    "EventFilter::uuid": ["Monitor.__init__"],
    "EventFilter::kind": ["Monitor.__init__"],
    "HostDevice::defined": ["HostDevice.__init__"],
    "Outcome::cause": ["Outcome.errno"],
    "Definition::set_type_id": ["Definition.type_id"],
    "Definition::set_start": ["Definition.start"],
    "Definition::set_attributes": ["Definition.attributes"],
}


def exported(library):
    """Returns CLASS::METHOD, CLASS for a constructor, or FUNCTION."""
    symbols = subprocess.run(
        ["nm", "-D", "--defined-only", "-C", library], text=True, check=True,
        stdout=subprocess.PIPE).stdout
    names = set()
    for line in symbols.splitlines():
        match = re.match(r"mdev::([\w:~=!<]+)\(",
                         re.sub(r"\[abi:\w+\]", "", line.split(maxsplit=2)[2]))
        if match and "~" not in match[1] and "::Impl::" not in match[1]:
            scope, _, name = match[1].rpartition("::")
            names.add(scope if scope == name and scope else match[1])
    return names


def snake(name):
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return "type" if words == "mdev_type" else words


def c_name(name):
    scope, _, method = name.rpartition("::")
    if not scope and method[0].isupper():
        return f"mdev_{snake(method)}_new"
    return f"mdev_{snake(scope)}_{method}" if scope else f"mdev_{method}"


def in_header(header):
    return set(re.findall(r"\b(mdev_\w+)\(", header.read_text()))


def in_stubs(stubs):
    names = set()
    for node in ast.parse(stubs.read_text()).body:
        if isinstance(node, ast.AnnAssign):
            names.add(node.target.id)
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            continue
        names.add(node.name)
        for member in getattr(node, "body", []):
            if isinstance(member, ast.FunctionDef):
                names.add(f"{node.name}.{member.name}")
    return names


def missing(names, there, spell, otherwise):
    """Returns the names without a counterpart, and the unneeded exceptions."""
    for name in sorted(names):
        wanted = otherwise.get(name, [spell(name)])
        for one in wanted:
            # In C an overload has a longer name.
            if one not in there and not any(
                    each.startswith(one + "_") for each in there):
                yield f"{name}: {one} is missing"
    for name in sorted(set(otherwise) - names):
        yield f"{name} is not a name of C++"


def enumerations(text, pattern):
    """Returns the enumerators of each enumeration, with their numbers."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
    found = {}
    for name, body in re.findall(pattern, text):
        number, found[name] = -1, {}
        for word in filter(None, map(str.strip, body.split(","))):
            word, _, given = map(str.strip, word.partition("="))
            number = int(given) if given else number + 1
            found[name][word] = number
    return found


def in_cpp(include):
    return enumerations(
        "".join(file.read_text() for file in sorted(include.glob("*.hpp"))),
        r"enum class (\w+) \{([^}]*)\}")


def without_number(wanted, there):
    """Returns the enumerators of C++ without an enumerator of the same number
    in C."""
    for name, enumerators in wanted.items():
        in_c = there.get(f"mdev_{snake(name)}", {})
        for word, number in enumerators.items():
            expected = -10000 - number if name == "Errc" else number
            if not any(each.endswith(f"_{word.upper()}") and expected == found
                       for each, found in in_c.items()):
                yield f"{name}::{word}: C has none with number {expected}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("library", "include", "header", "stubs"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    given = parser.parse_args()
    names = exported(given.library)
    bindings = [
        ("C", in_header(given.header), c_name, IN_C),
        ("Python", in_stubs(given.stubs),
         lambda name: name.replace("::", "."), IN_PYTHON),
    ]
    report = tap.Report(2 * len(bindings) + 2)
    for title, there, spell, otherwise in bindings:
        report.result(f"{title} has all {len(names)} functions", "\n".join(
            missing(names, there, spell, otherwise)))
        found = missing(names | {"Device::fly"}, there, spell, otherwise)
        report.result(
            f"a function that {title} lacks is found",
            "" if any("Device::fly" in one for one in found)
            else "the function is not found")
    wanted = in_cpp(given.include)
    there = enumerations(given.header.read_text(), r"enum (\w+) \{([^}]*)\}")
    report.result(f"C has the numbers of all {len(wanted)} enumerations",
                  "\n".join(without_number(wanted, there)))
    planted = {"Prune": {"no": 0, "yes": 2, "perhaps": 1}}
    found = list(without_number(planted, there))
    report.result("another name or number is found",
                  "" if len(found) == 2 
                  else "\n".join(found) or "the name or number is not found")
    return report.end()


sys.exit(main())
