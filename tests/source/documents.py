# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the names in documents exist: each `path` of the repository, and
in HACKING.md the files of each room and the home of each decision. Prints TAP.
"""
import functools
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tap  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ("doc/HACKING.md", "doc/RELIABILITY.md", "doc/SECURITY.md")
ROOMS = ("base", "system", "model", "report", "command")
# A path that begins with a directory of this repository, and its options.
PATH = re.compile(r"`(?:sh |python3 )?((?:tests|libmdev|mdevctl|data|doc|"
                  r"bindings)/[\w./-]+)[^`]*`")
CASE = re.compile(r"case `([\w-]+)`")


def names_what_is_there(document):
    text = (TOP / document).read_text()
    paths = PATH.findall(text)
    tap.expect(paths, "the document names no path")
    wanted = paths + [f"tests/golden/{case}/cmd" for case in CASE.findall(text)]
    # A source and its header are named without their suffixes.
    missing = [path for path in wanted if not (TOP / path).exists() and
               not (TOP / f"{path}.cpp").exists()]
    tap.expect(not missing, f"missing: {', '.join(missing)}")


def rows_of_hacking():
    """Returns the cells of each line of HACKING.md's tables."""
    for line in (TOP / "doc/HACKING.md").read_text().splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def is_source(room, name):
    return any((TOP / "libmdev/src" / room / f"{name}{suffix}").exists()
               for suffix in (".cpp", ".hpp"))


def rooms_have_their_files():
    for cells in rows_of_hacking():
        if len(cells) == 3 and cells[0].strip("`") in ROOMS:
            room = cells[0].strip("`")
            named = set(re.findall(r"`([a-z_]+)`", cells[2]))
            there = {path.stem.removesuffix("_impl") for path
                     in (TOP / "libmdev/src" / room).glob("*.[ch]pp")}
            unknown = {name for name in named if not is_source(room, name)} - {
                "pre", "post"}
            tap.expect(not unknown,
                       f"{room} does not have: {', '.join(unknown)}")
            prefixes = [name for name in named if f"`{name}` (and" in cells[2]]
            left_out = {name for name in there - named
                        if not name.startswith(tuple(prefixes) or ("\0",))}
            tap.expect(not left_out,
                       f"{room} also has: {', '.join(sorted(left_out))}")


def decisions_have_a_home():
    homes = [name for cells in rows_of_hacking() if len(cells) == 2
             for name in re.findall(r"`((?:[a-z]+/)+\w+)`", cells[1])]
    tap.expect(homes, "no decision has a home")
    missing = [name for name in homes
               if not is_source("", name) and
               not any((TOP / name).with_suffix(suffix).exists()
                       for suffix in (".cpp", ".hpp"))]
    tap.expect(not missing, f"missing: {', '.join(missing)}")


sys.exit(tap.run([
    (document, functools.partial(names_what_is_there, document))
    for document in DOCUMENTS] + [
        ("HACKING names the files of each room", rooms_have_their_files),
        ("HACKING names the home of each decision", decisions_have_a_home)]))
