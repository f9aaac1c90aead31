# SPDX-License-Identifier: LGPL-2.1-or-later
"""The direction of includes: base <- system <- concepts <- manager <- program
and bindings. An include may skip layers downwards and never points up; between
the modules of a layer there are no cycles, and the concepts know each other's
public headers only. Prints TAP, and a sentence for each violation."""
import argparse
import contextlib
import pathlib
import re
import sys
import tempfile

# The modules of each layer, lowest first, with the names of their files
# without extension. A public header has the name of its module.
LAYERS = [
    {  # base: values
        "error": ["error"],
        "export": ["export"],
        "uuid": ["uuid"],
        "version": ["version"],
    },
    {  # system: files, processes, JSON
        "atomic_file": ["atomic_file"],
        "directory": ["directory"],
        "environment": ["environment", "environment_access"],
        "file_descriptor": ["file_descriptor"],
        "json": ["json"],
        "kernel_error": ["kernel_error"],
        "lock_file": ["lock_file"],
        "name": ["name"],
        "process": ["process"],
        "store_lock": ["store_lock"],
        "sysfs": ["sysfs"],
        "turn": ["turn"],
    },
    {  # concepts: what the kernel and the store are about
        "callout_engine": ["callout_engine", "callout_engine_impl", "script"],
        "monitor": ["monitor", "monitor_impl", "store_watch", "uevent"],
        "config_store": ["config_store", "config_store_impl"],
        "definition": ["definition", "definition_impl", "definition_json"],
        "device": ["device", "device_impl", "users"],
        "mdev_type": ["mdev_type", "mdev_type_impl"],
        "outcome": ["outcome", "outcome_impl"],
        "parent_device": ["parent_device", "parent_device_impl"],
    },
    {  # the commands
        "device_status": ["device_status"],
        "diagnosis": ["diagnosis", "diagnosis_impl", "diagnosis_parents",
                      "diagnosis_store", "diagnosis_system"],
        "host_state": ["host_state", "host_state_impl", "spelling"],
        "listed_device": ["listed_device"],
        "manager": ["manager", "manager_apply", "manager_impl",
                    "manager_start", "autostart",
                    "command_order", "startable"],
    },
    {  # everything at once, for users only
        "mdev": ["mdev"],
    },
]
NAMES = ["base", "system", "concepts", "manager", "umbrella"]
CONCEPTS = 2

# Whose objects other concepts make: their insides may be seen for that, from
# .cpp files.
MADE_BY_OTHERS = {"definition_impl", "device_impl", "mdev_type_impl"}
BOOST = re.compile(r"libmdev/src/((json|process)\.[ch]pp|uuid\.cpp)|mdevctl/.*")
AFTER_CXX17 = set("""
    barrier bit compare concepts contracts coroutine debugging expected
    flat_map flat_set format generator hazard_pointer hive inplace_vector latch
    linalg mdspan meta numbers print ranges rcu semaphore simd source_location
    span spanstream stacktrace stdfloat stop_token syncstream text_encoding
    version""".split())

PUBLIC = "libmdev/include/mdev"
SOURCES = "libmdev/src"
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
SUFFIXES = (".hpp.in", ".hpp", ".cpp", ".h", ".c")


def stem(name):
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return name[:-len(suffix)]
    return name


MODULES = {file: (layer, module) for layer, modules in enumerate(LAYERS)
           for module, files in modules.items() for file in files}


class Tree:
    """The sources below a directory."""

    def __init__(self, root):
        self.root = root
        self.files = {
            path.relative_to(root).as_posix(): path
            for part in (PUBLIC, SOURCES, "mdevctl", "bindings")
            for path in sorted((root / part).rglob("*"))
            if path.is_file() and path.name.endswith(SUFFIXES)}
        self.violations = []
        self.edges = {}

    def public(self, target):
        """The file of `<mdev/...>`, nothing if there is none."""
        for name in (f"libmdev/include/{target}",
                     f"libmdev/include/{target}.in"):
            if name in self.files:
                return name
        return None

    def beside(self, file, target):
        """The file of `"..."`, nothing if it is not in the same directory."""
        name = f"{file.rpartition('/')[0]}/{target}"
        return name if name in self.files and "/" not in target else None

    def say(self, file, sentence):
        self.violations.append(f"{file} {sentence}.")

    def check(self):
        for file, path in self.files.items():
            text = path.read_text(encoding="utf-8")
            if file.startswith("libmdev/") and self.module(file) is None:
                self.say(file, "is in no layer")
                continue
            for kind, target in INCLUDE.findall(text):
                self.check_include(file, kind, target)
        self.check_cycles()
        return self.violations

    def module(self, file):
        return MODULES.get(stem(file.rpartition("/")[2]))

    def check_include(self, file, kind, target):
        if target.startswith("boost/"):
            if not BOOST.fullmatch(file):
                self.say(file, f"includes Boost ({target})")
            return
        if kind == '"':
            self.check_own(file, target)
        elif target.startswith("mdev/"):
            found = self.public(target)
            if not found:
                self.say(file, f"includes <{target}>, which is no public "
                         "header")
            elif file.startswith("libmdev/"):
                self.check_direction(file, found)
        elif file.startswith(PUBLIC) and target in AFTER_CXX17:
            self.say(file, f"includes <{target}>, which C++17 does not have")

    def check_own(self, file, target):
        found = self.beside(file, target)
        if file.startswith(PUBLIC):
            self.say(file, f'includes "{target}": a public header includes '
                     "<mdev/...> only")
        elif file.startswith("bindings/") and not found:
            if "libmdev" in target or pathlib.PurePath(target).name in [
                    name.rpartition("/")[2] for name in self.files
                    if name.startswith(SOURCES)]:
                self.say(file, f'includes "{target}": bindings see public '
                         "headers only")
        elif not found:
            self.say(file, f'includes "{target}", which is not beside it')
        elif file.startswith("libmdev/"):
            self.check_direction(file, found)

    def check_direction(self, file, target):
        if self.module(target) is None:
            return  # it is told of by itself
        layer, module = self.module(file)
        below, other = self.module(target)
        if module == other:
            return
        self.edges.setdefault(module, {}).setdefault(other, file)
        if below > layer:
            self.say(file, f"({NAMES[layer]}) includes {target} "
                     f"({NAMES[below]}), which is above it")
        elif below == layer == CONCEPTS and not target.startswith(PUBLIC):
            self.check_insides(file, target)

    def check_insides(self, file, target):
        if stem(target.rpartition("/")[2]) not in MADE_BY_OTHERS:
            self.say(file, f"includes {target}, the insides of a peer")
        elif not file.endswith(".cpp"):
            self.say(file, f"includes {target}, the insides of a peer, which "
                     "only a .cpp file may")

    def check_cycles(self):
        """Each module that can be reached from itself; told once a circle."""
        told = set()

        def visit(module, way):
            if module in way:
                circle = way[way.index(module):]
                if frozenset(circle) not in told:
                    told.add(frozenset(circle))
                    self.say(self.edges[way[-1]][module],
                             "closes a circle of modules: " +
                             " -> ".join(circle + [module]))
                return
            for other in sorted(self.edges.get(module, {})):
                visit(other, way + [module])

        for module in sorted(self.edges):
            visit(module, [])


# What the self-test plants: where, what, and a part of what is said about it.
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
    f"{SOURCES}/directory.hpp": "#include <mdev/error.hpp>",
    f"{SOURCES}/json.hpp": "#include <boost/json/value.hpp>",
    f"{SOURCES}/definition_impl.hpp":
        '#include "json.hpp"\n#include <mdev/definition.hpp>',
    f"{SOURCES}/device_impl.hpp": "#include <mdev/device.hpp>",
    f"{SOURCES}/users.hpp": '#include "directory.hpp"',
    f"{SOURCES}/device.cpp":
        '#include "device_impl.hpp"\n#include "users.hpp"\n#include <ranges>',
    f"{SOURCES}/mdev_type.cpp": '#include "device_impl.hpp"',
    f"{SOURCES}/startable.hpp": "#include <mdev/definition.hpp>",
    f"{SOURCES}/manager.cpp":
        '#include "startable.hpp"\n#include <mdev/manager.hpp>',
    "mdevctl/command.hpp": "#include <mdev/environment.hpp>",
    "mdevctl/main.cpp":
        '#include "command.hpp"\n#include <boost/program_options.hpp>',
    "bindings/c/mdev_c.cpp": "#include <mdev/version.hpp>",
}
PLANTS = [
    ("a public header that includes Boost", f"{PUBLIC}/uuid.hpp",
     "#include <boost/uuid/uuid.hpp>", "includes Boost"),
    ("Boost where it is not wrapped", f"{SOURCES}/name.cpp",
     "#include <boost/algorithm/string.hpp>", "includes Boost"),
    ("Boost in the bindings", "bindings/c/guard.hpp",
     "#include <boost/json.hpp>", "includes Boost"),
    ("a C++20 header in a public one", f"{PUBLIC}/uuid.hpp",
     "#include <span>", "which C++17 does not have"),
    ("a C++23 header in a public one", f"{PUBLIC}/version.hpp.in",
     "  #  include <expected>", "which C++17 does not have"),
    ("a public header with a private one", f"{PUBLIC}/uuid.hpp",
     '#include "json.hpp"', "<mdev/...> only"),
    ("base that includes system", f"{SOURCES}/error.cpp",
     '#include "directory.hpp"', "above it"),
    ("system that includes a concept", f"{SOURCES}/sysfs.cpp",
     "#include <mdev/device.hpp>", "above it"),
    ("a concept that includes the manager", f"{SOURCES}/config_store.cpp",
     "#include <mdev/manager.hpp>", "above it"),
    ("a concept that includes the manager's insides",
     f"{SOURCES}/parent_device.cpp", '#include "startable.hpp"', "above it"),
    ("the library that includes its umbrella", f"{SOURCES}/manager.cpp",
     "#include <mdev/mdev.hpp>", "above it"),
    ("a peer's insides in a header", f"{SOURCES}/config_store_impl.hpp",
     '#include "definition_impl.hpp"', "only a .cpp file may"),
    ("a peer's insides that it does not make", f"{SOURCES}/parent_device.cpp",
     '#include "users.hpp"', "the insides of a peer"),
    ("two peers that include each other", f"{PUBLIC}/definition.hpp",
     "#include <mdev/config_store.hpp>", "closes a circle"),
    ("three that do", f"{SOURCES}/directory.hpp",
     '#include "sysfs.hpp"\n', "closes a circle"),
    ("the program with the library's insides", "mdevctl/output.cpp",
     '#include "../libmdev/src/json.hpp"', "not beside it"),
    ("the program with a private header by name", "mdevctl/output.cpp",
     '#include "json.hpp"', "not beside it"),
    ("the program with a header that is not public", "mdevctl/output.cpp",
     "#include <mdev/json.hpp>", "no public header"),
    ("the bindings with the library's insides", "bindings/c/guard.hpp",
     '#include "json.hpp"', "public headers only"),
    ("a source in no layer", f"{SOURCES}/util.cpp", "", "is in no layer"),
    ("a public header in no layer", f"{PUBLIC}/tools.hpp", "",
     "is in no layer"),
]
COMPANIONS = {"three that do": {
    f"{SOURCES}/sysfs.hpp": '#include "kernel_error.hpp"',
    f"{SOURCES}/kernel_error.hpp": '#include "directory.hpp"'}}


def violations_of(files):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for file, content in files.items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content + "\n", encoding="utf-8")
        return Tree(root).check()


def self_test():
    """Yields a title and what is wrong with it."""
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
                        help="check the checker on planted violations")
    parser.add_argument("root", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2])
    arguments = parser.parse_args()
    if arguments.self_test:
        results = list(self_test())
    else:
        tree = Tree(arguments.root)
        title = f"the includes of {len(tree.files)} files point down"
        if not tree.files:
            sys.exit(f"there are no sources in {arguments.root}")
        results = [(title, tree.check())]
    print(f"1..{len(results)}")
    for number, (title, sentences) in enumerate(results, 1):
        print(f"{'not ' if sentences else ''}ok {number} - {title}")
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.flush()
        for sentence in sentences:
            print(sentence, file=sys.stderr)
    return any(sentences for _, sentences in results)


if __name__ == "__main__":
    sys.exit(main())
