# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the shared library exports the functions of its headers, and
nothing else. Prints TAP.

exports.py --library FILE --include DIRECTORY... --doxygen PROGRAM
[--compiler PROGRAM]
"""
import argparse
import collections
import pathlib
import re
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from command import run  # noqa: E402
from tap import Failure  # noqa: E402

CONFIGURATION = """
INPUT = {input}
OUTPUT_DIRECTORY = {output}
EXTRACT_ALL = YES
GENERATE_HTML = NO
GENERATE_LATEX = NO
GENERATE_XML = YES
MACRO_EXPANSION = YES
EXPAND_ONLY_PREDEF = YES
PREDEFINED = MDEV_API=
QUIET = YES
WARNINGS = NO
"""
OTHER = re.compile(
    r"(typeinfo|typeinfo name|vtable) for mdev::Error|LIBMDEV_[\d.]+")


class Function(collections.namedtuple("Function", "scope name type arguments "
                                      "const static default inline template")):
    """A function that a header declares."""

    @property
    def is_exported(self):
        """Returns whether the library exports the function. Programs compile
        the others from the header."""
        return not self.inline and not self.template

    @property
    def qualified(self):
        return f"{self.scope}::{self.name}"

    @property
    def has_address(self):
        return not self.template and not self.name.startswith("~") and (
            self.name != self.scope.rpartition("::")[2])

    def cast(self):
        """Returns the address of the function, as the type in the header."""
        member = "" if self.static else f"{self.scope}::"
        const = " const" if self.const else ""
        return (f"static_cast<{self.type} ({member}*)"
                f"({', '.join(self.arguments)}){const}>(&{self.qualified})")


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def declared(doxygen, includes, scratch):
    """Returns the public functions of the headers."""
    run(doxygen, "-", input=CONFIGURATION.format(
        input=" ".join(f"{include}/mdev" for include in includes),
        output=scratch))
    for file in sorted(scratch.glob("xml/*.xml")):
        for scope in xml.etree.ElementTree.parse(file).iter("compounddef"):
            if scope.get("kind") not in ("class", "struct", "namespace"):
                continue
            for member in scope.iter("memberdef"):
                if (member.get("kind") == "function" and
                        member.get("prot") == "public"):
                    yield function(scope, member)


def function(scope, member):
    parameters = member.findall("param")
    return Function(
        scope.findtext("compoundname"), member.findtext("name"),
        text_of(member.find("type")),
        [text_of(parameter.find("type")) for parameter in parameters],
        member.get("const") == "yes",
        member.get("static") == "yes" or scope.get("kind") == "namespace",
        any(parameter.find("defval") is not None for parameter in parameters),
        member.get("inline") == "yes",
        member.find("templateparamlist") is not None)


def exported(library):
    """Returns the exported signatures in the compiler's spelling."""
    signatures = set()
    for line in run("nm", "-D", "--defined-only", "-C", library).splitlines():
        name = line.split(maxsplit=2)[2].split("@@")[0]
        if not OTHER.fullmatch(name):
            signatures.add(name.replace("[abi:cxx11]", ""))
    return signatures


def counts_are_equal(functions, library):
    in_headers = collections.Counter(
        one.qualified for one in functions if one.is_exported)
    in_library = collections.Counter(
        signature.split("(")[0] for signature in exported(library))
    wrong = [f"{name}: {in_headers[name]} declared, {in_library[name]} exported"
             for name in sorted(in_headers | in_library)
             if in_headers[name] != in_library[name]]
    if wrong or not functions:
        raise Failure("\n".join(wrong) or "there are no functions")


def types_are_equal(functions, given, scratch):
    lines = ["#include <mdev/mdev.hpp>", "using namespace mdev;",
             "template <class T> void use(T function)",
             "{ static volatile T sink; sink = function; (void)sink; }",
             "int main()", "{"]
    lines += [f"    use({one.cast()});" for one in functions
              if one.has_address]
    source = scratch / "addresses.cpp"
    source.write_text("\n".join(lines + ["}", ""]))
    run(given.compiler, "-std=c++17", "-O0", source, "-o",
        scratch / "addresses", *[f"-I{include}" for include in given.include],
        given.library)


def no_default_arguments(functions):
    for one in functions:
        if one.default:
            raise Failure(f"{one.qualified} has one")


def comparison_sees(functions, library):
    first = next(one for one in functions if one.is_exported)
    without = [one for one in functions if one is not first]
    for wrong in (without, [*functions, first],
                  [*without, first._replace(inline=True)],
                  [*without, first._replace(template=True)]):
        try:
            counts_are_equal(wrong, library)
        except Failure:
            continue
        raise Failure("a missing or superfluous function is not found")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    parser.add_argument("--include", type=pathlib.Path, nargs="+",
                        required=True)
    parser.add_argument("--doxygen", required=True)
    parser.add_argument("--compiler", default="c++")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        functions = list(declared(given.doxygen, given.include, scratch))
        return tap.run([
            (f"all {sum(one.is_exported for one in functions)} functions that "
             "the headers declare and do not define are exported, and nothing "
             "else",
             lambda: counts_are_equal(functions, given.library)),
            ("each function has the type in its header",
             lambda: types_are_equal(functions, given, scratch)),
            ("no function has a default argument",
             lambda: no_default_arguments(functions)),
            ("a missing and a superfluous function are found",
             lambda: comparison_sees(functions, given.library)),
        ])


sys.exit(main())
