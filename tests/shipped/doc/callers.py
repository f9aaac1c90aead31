# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the program or an example uses each exported function: a
function without a caller is not published. Prints TAP.

callers.py --library FILE --objects DIRECTORY PROGRAM...

DIRECTORY has the objects of the program, which may be linked statically. Each
PROGRAM is an example, which is linked with the shared library.
"""
import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from command import run  # noqa: E402

# Functions that every value type has, used or not.
OF_VALUES = re.compile(
    r"mdev::operator(==|!=|<)\(|mdev::Error::(~?Error|operator=|what)\(|"
    r"mdev::Uuid::Uuid\(")


def names(*options):
    lines = run("nm", "--demangle", "--format=posix", *options).splitlines()
    # A line of nm's format posix: NAME TYPE VALUE SIZE. NAME may have blanks.
    found = (re.match(r"(.*) ([A-Za-z])( +[0-9a-f]+)*\s*$", line)
             for line in lines)
    return {(match[1].split("@")[0], match[2]) for match in found if match}


def unused(library, objects, programs):
    exported = {name for name, kind in names("-D", "--defined-only", library)
                if kind == "T" and name.startswith("mdev::")}
    used = names("--undefined-only", *objects)
    for program in programs:
        used |= names("-D", "--undefined-only", program)
    used = {name for name, _ in used}
    return sorted(name for name in exported - used
                  if not OF_VALUES.match(name))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    parser.add_argument("--objects", type=pathlib.Path, required=True)
    parser.add_argument("programs", type=pathlib.Path, nargs="+")
    given = parser.parse_args()

    def each_is_used():
        found = unused(given.library, sorted(given.objects.rglob("*.o")),
                       given.programs)
        tap.expect(not found, "no caller of " + "\n".join(found))
    return tap.run([("each function has a caller", each_is_used)])


sys.exit(main())
