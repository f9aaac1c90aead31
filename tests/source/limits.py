# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the sizes of sources: a file is short enough to be read at once, and
the program leaves the work to the library. Prints TAP."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tap  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[2]
LONGEST_SOURCE = 400
LONGEST_MAIN = 80
LARGEST_SHARE = 0.35  # relative to the lines of the library
MAIN = TOP / "mdevctl/main.cpp"


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def sources(directory, *suffixes):
    found = [path for path in sorted((TOP / directory).rglob("*"))
             if path.suffix in suffixes]
    tap.expect(found, f"no sources in {directory}")
    return found


def no_source_is_long():
    long = [f"{path.relative_to(TOP)} has {lines(path)} lines"
            for directory in ("libmdev", "mdevctl", "bindings")
            for path in sources(directory, ".cpp")
            if lines(path) > LONGEST_SOURCE]
    tap.expect(not long, "\n".join(long))


def main_is_short():
    count = lines(MAIN)
    tap.expect(count <= LONGEST_MAIN, f"the file has {count} lines")


def the_program_is_small():
    program, library = (
        sum(map(lines, sources(directory, ".cpp", ".hpp", ".in")))
        for directory in ("mdevctl", "libmdev"))
    tap.expect(program <= LARGEST_SHARE * library,
               f"the program has {program} lines, and the library {library}")


sys.exit(tap.run([
    (f"no source has more than {LONGEST_SOURCE} lines", no_source_is_long),
    (f"main.cpp has at most {LONGEST_MAIN} lines", main_is_short),
    (f"the program has at most {LARGEST_SHARE:.0%} of the library's lines",
     the_program_is_small)]))
