# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the direction of includes: base <- system <- model <- report <-
command <- program and bindings. An include may skip rooms downwards and must
not point up, and files must not include each other in a circle. Only a few
files that wrap Boost may include it. Chains of private headers are short
enough to remember. Prints TAP, and a sentence for each violation."""
import argparse
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tap  # noqa: E402

# The rooms of the library, lowest first. The include path of each room has the
# public headers and the rooms below, so that the compiler refuses a private
# header from above. Only this table knows the room of a public header.
ROOMS = ["base", "system", "model", "report", "command"]
PUBLIC_HEADERS = {
    "base": ["device_user", "error", "export", "json_format", "uuid", "version"],
    "system": ["environment"],
    "model": ["callout_engine", "config_store", "definition", "device",
              "device_spec",
              "framework", "mdev_type", "monitor", "outcome", "parent_device"],
    "report": ["device_status", "diagnosis", "host_state", "listed_device",
               "script_test"],
    "command": ["manager"],
    "umbrella": ["mdev"],
}
LEVELS = [*ROOMS, "umbrella"]

BOOST = re.compile(r"libmdev/src/(base/json(_parser)?\.[ch]pp|base/uuid\.cpp|"
                   r"system/spawn\.cpp)|"
                   r"mdevctl/(command_line|static_probe)\.cpp")
AFTER_CXX17 = set("""
    barrier bit compare concepts contracts coroutine debugging expected
    flat_map flat_set format generator hazard_pointer hive inplace_vector latch
    linalg mdspan meta numbers print ranges rcu semaphore simd source_location
    span spanstream stacktrace stdfloat stop_token syncstream text_encoding
    version""".split())

# The maximum length of a chain of private headers that include one another.
DEEPEST = 6

PUBLIC = "libmdev/include/mdev"
SOURCES = "libmdev/src"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
SUFFIXES = (".hpp.in", ".hpp", ".cpp", ".h", ".c")


def stem(name):
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return name[:-len(suffix)]
    return name


ROOM_OF = {header: room for room, headers in PUBLIC_HEADERS.items()
           for header in headers}


class Tree:
    """Returns the sources below a directory."""

    def __init__(self, root):
        self.root = root
        self.files = {
            path.relative_to(root).as_posix(): path
            for part in (PUBLIC, SOURCES, "mdevctl", "bindings")
            for path in sorted((root / part).rglob("*"))
            if path.is_file() and path.name.endswith(SUFFIXES)}
        self.private = {name.rpartition("/")[2] for name in self.files
                        if name.startswith(SOURCES)}
        self.names = {name.rpartition("/")[2] for name in self.files}
        self.violations = []
        self.edges = {}

    def public(self, target):
        """Returns the file of `<mdev/...>`, nothing if it does not exist."""
        for name in (f"libmdev/include/{target}",
                     f"libmdev/include/{target}.in"):
            if name in self.files:
                return name
        return None

    def own(self, file, target):
        """Returns the file of `"..."`, nothing if its directory and, for a
        room, the rooms below do not have the file."""
        places = [file.rpartition("/")[0]]
        if file.startswith(SOURCES):
            room = self.room(file)
            places += [f"{SOURCES}/{name}"
                       for name in reversed(LEVELS[:LEVELS.index(room)])]
        elif file.startswith("mdevctl/"):
            places.append("mdevctl")
        # This file is also compiled into the program.
        if file.startswith("mdevctl/") and target == "text.hpp":
            return f"{SOURCES}/base/text.hpp"
        for place in places:
            if f"{place}/{target}" in self.files and "/" not in target:
                return f"{place}/{target}"
        return None

    def say(self, file, sentence):
        self.violations.append(f"{file} {sentence}.")

    def check(self):
        for file, path in self.files.items():
            text = path.read_text(encoding="utf-8")
            if file.startswith("libmdev/") and self.room(file) is None:
                self.say(file, "is not in a room")
                continue
            for kind, target in INCLUDE.findall(text):
                self.check_include(file, kind, target)
        for file in PUBLIC_FILES - {stem(name.rpartition("/")[2])
                                    for name in self.files
                                    if name.startswith(PUBLIC)}:
            self.say(f"{PUBLIC}/{file}.hpp", "has a room, but does not exist")
        if not self.check_cycles():
            self.check_depth()
        return self.violations

    def room(self, file):
        if file.startswith(PUBLIC):
            return ROOM_OF.get(stem(file.rpartition("/")[2]))
        room = file[len(SOURCES) + 1:].rpartition("/")[0]
        return room if room in ROOMS else None

    def check_include(self, file, kind, target):
        if target.startswith("boost/"):
            if not BOOST.fullmatch(file):
                self.say(file, f"includes Boost ({target})")
            return
        if kind == '"':
            self.check_own(file, target)
        elif ".." in target or (not file.startswith("bindings/") and
                                target in self.names):
            self.say(file, f"includes <{target}>, which is not a system header")
        elif target.startswith("mdev/"):
            found = self.public(target)
            if not found:
                self.say(file, f"includes <{target}>, which is not a public "
                         "header")
            elif file.startswith("libmdev/"):
                self.check_direction(file, found)
        elif file.startswith(PUBLIC) and target in AFTER_CXX17:
            self.say(file, f"includes <{target}>, which C++17 does not have")

    def check_own(self, file, target):
        found = self.own(file, target)
        if file.startswith(PUBLIC):
            self.say(file, f'includes "{target}": a public header includes '
                     "<mdev/...> only")
        elif file.startswith("bindings/") and not found:
            if "libmdev" in target or \
                    pathlib.PurePath(target).name in self.private:
                self.say(file, f'includes "{target}": bindings see public '
                         "headers only")
        elif not found:
            self.say(file, f'includes "{target}", which is neither beside it '
                     "nor below")
        elif file.startswith("libmdev/"):
            self.check_direction(file, found)

    def check_direction(self, file, target):
        room, below = self.room(file), self.room(target)
        if below is None:
            return  # reported for the target itself
        self.edges.setdefault(file, set()).add(target)
        if LEVELS.index(below) > LEVELS.index(room):
            self.say(file, f"({room}) includes {target} ({below}), which is "
                     "above it")

    def check_depth(self):
        """Checks the length of chains of private headers."""
        headers = {}
        for file, path in self.files.items():
            if file.startswith(SOURCES) and file.endswith(".hpp"):
                found = [self.own(file, target) for kind, target
                         in INCLUDE.findall(path.read_text(encoding="utf-8"))
                         if kind == '"']
                headers[file] = [name for name in found if name]

        def way(file):
            return [file] + max(map(way, headers[file]), key=len, default=[])

        for file in headers:
            if len(way(file)) > DEEPEST:
                self.say(file, f"is {len(way(file))} headers deep: " +
                         " -> ".join(way(file)))
    def check_cycles(self):
        """Reports each circle of includes once. Returns the circles."""
        told = set()

        def visit(file, way):
            if file in way:
                circle = way[way.index(file):]
                if frozenset(circle) not in told:
                    told.add(frozenset(circle))
                    self.say(file, "is in a circle: " +
                             " -> ".join(circle + [file]))
                return
            for other in sorted(self.edges.get(file, ())):
                visit(other, way + [file])

        for file in sorted(self.edges):
            visit(file, [])
        return told


PUBLIC_FILES = set(ROOM_OF)


# Planted violations: the files, and a part of the expected message.
GOOD = {
    f"{PUBLIC}/error.hpp": "#include <mdev/export.hpp>\n#include <string>",
    f"{PUBLIC}/export.hpp": "",
    f"{PUBLIC}/version.hpp.in": "",
    f"{PUBLIC}/environment.hpp": "#include <filesystem>",
    f"{PUBLIC}/definition.hpp": "#include <mdev/environment.hpp>",
    f"{PUBLIC}/device.hpp": "#include <mdev/environment.hpp>",
    f"{PUBLIC}/config_store.hpp": "#include <mdev/definition.hpp>",
    f"{PUBLIC}/manager.hpp": "#include <mdev/definition.hpp>",
    f"{PUBLIC}/mdev.hpp": "#include <mdev/manager.hpp>",
    f"{SOURCES}/system/directory.hpp": "#include <mdev/error.hpp>",
    f"{SOURCES}/base/json.hpp": "#include <boost/json/value.hpp>",
    f"{SOURCES}/model/definition_impl.hpp":
        '#include "json.hpp"\n#include <mdev/definition.hpp>',
    f"{SOURCES}/model/device_impl.hpp": "#include <mdev/device.hpp>",
    f"{SOURCES}/system/device_users.hpp": '#include "directory.hpp"',
    f"{SOURCES}/model/device.cpp":
        '#include "device_impl.hpp"\n#include "device_users.hpp"\n#include <ranges>',
    f"{SOURCES}/model/mdev_type.cpp": '#include "device_impl.hpp"',
    f"{SOURCES}/command/start_checks.hpp": "#include <mdev/definition.hpp>",
    f"{SOURCES}/command/manager.cpp":
        '#include "start_checks.hpp"\n#include <mdev/manager.hpp>',
    "mdevctl/command.hpp": "#include <mdev/environment.hpp>",
    "mdevctl/commands/list.cpp": '#include "command.hpp"',
    "mdevctl/command_line.cpp":
        '#include "command.hpp"\n#include <boost/program_options.hpp>',
    "bindings/c/mdev_c.cpp": "#include <mdev/version.hpp>",
}
PLANTS = [
    ("a public header that includes Boost", f"{PUBLIC}/uuid.hpp",
     "#include <boost/uuid/uuid.hpp>", "includes Boost"),
    ("Boost where it is not wrapped", f"{SOURCES}/base/name.cpp",
     "#include <boost/algorithm/string.hpp>", "includes Boost"),
    ("Boost elsewhere in the program", "mdevctl/main.cpp",
     "#include <boost/program_options.hpp>", "includes Boost"),
    ("Boost in the bindings", "bindings/c/guard.hpp",
     "#include <boost/json.hpp>", "includes Boost"),
    ("a C++20 header in a public one", f"{PUBLIC}/uuid.hpp",
     "#include <span>", "which C++17 does not have"),
    ("a C++23 header in a public one", f"{PUBLIC}/version.hpp.in",
     "  #  include <expected>", "which C++17 does not have"),
    ("a public header with a private one", f"{PUBLIC}/uuid.hpp",
     '#include "json.hpp"', "<mdev/...> only"),
    ("base that includes system", f"{SOURCES}/base/error.cpp",
     '#include "directory.hpp"', "neither beside it nor below"),
    ("system that includes a public header of the model",
     f"{SOURCES}/system/sysfs.cpp", "#include <mdev/device.hpp>", "above it"),
    ("a model that includes the manager",
     f"{SOURCES}/model/config_store.cpp",
     "#include <mdev/manager.hpp>", "above it"),
    ("a model that includes a command", f"{SOURCES}/model/parent_device.cpp",
     '#include "start_checks.hpp"', "neither beside it nor below"),
    ("the library that includes its umbrella",
     f"{SOURCES}/command/manager.cpp", "#include <mdev/mdev.hpp>",
     "above it"),
    ("two headers that include each other", f"{PUBLIC}/definition.hpp",
     "#include <mdev/device.hpp>", "is in a circle"),
    ("three headers that include each other", f"{SOURCES}/system/directory.hpp",
     '#include "sysfs.hpp"\n', "is in a circle"),
    ("the program with the library's insides", "mdevctl/output.cpp",
     '#include "../libmdev/src/base/json.hpp"', "neither beside it nor below"),
    ("the program with the library's insides as the system's",
     "mdevctl/output.cpp", "#include <../libmdev/src/base/json.hpp>",
     "not a system header"),
    ("the program with its own header as the system's", "mdevctl/output.cpp",
     "#include <command.hpp>", "not a system header"),
    ("a room with a path into another", f"{SOURCES}/base/error.cpp",
     '#include "src/system/directory.hpp"', "neither beside it nor below"),
    ("seven headers, each of which includes the next",
     f"{SOURCES}/base/a7.hpp", '#include "a6.hpp"', "is 7 headers deep"),
    ("the program with a private header by name", "mdevctl/output.cpp",
     '#include "json.hpp"', "neither beside it nor below"),
    ("the program with a header that is not public", "mdevctl/output.cpp",
     "#include <mdev/json.hpp>", "not a public header"),
    ("the bindings with the library's insides", "bindings/c/guard.hpp",
     '#include "json.hpp"', "public headers only"),
    ("a source outside of the rooms", f"{SOURCES}/util.cpp", "",
     "is not in a room"),
    ("a public header outside of the rooms", f"{PUBLIC}/tools.hpp", "",
     "is not in a room"),
]
COMPANIONS = {
    "seven headers, each of which includes the next": {
        f"{SOURCES}/base/a{number}.hpp": f'#include "a{number - 1}.hpp"'
        if number > 1 else "" for number in range(1, 7)},
    "two headers that include each other": {
        f"{PUBLIC}/device.hpp": "#include <mdev/definition.hpp>"},
    "three headers that include each other": {
        f"{SOURCES}/system/sysfs.hpp": '#include "kernel_error.hpp"',
        f"{SOURCES}/system/kernel_error.hpp": '#include "directory.hpp"'}}


def violations_of(files):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for file, content in files.items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content + "\n", encoding="utf-8")
        return [sentence for sentence in Tree(root).check()
                if "does not exist" not in sentence]


def self_test():
    """Yields the title and the fault of each violation."""
    yield "a good tree passes", violations_of(GOOD)
    for title, file, content, part in PLANTS:
        said = violations_of(
            {**GOOD, file: content, **COMPANIONS.get(title, {})})
        found = any(part in line for line in said)
        yield f"{title} is found", [] if found else [
            f'"{part}" is missing in: {said}']


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--self-test", action="store_true",
                        help="test this checker with planted violations")
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2])
    arguments = parser.parse_args()
    if arguments.self_test:
        results = list(self_test())
    else:
        tree = Tree(arguments.root)
        title = f"the includes of {len(tree.files)} files point down"
        if not tree.files:
            sys.exit(f"no sources in {arguments.root}")
        results = [(title, tree.check())]
    report = tap.Report(len(results))
    for title, sentences in results:
        report.result(title, "\n".join(sentences))
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
