#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what the libraries export with the symbols files beside this file.

    symbols.py [--strict | --update VERSION] LIBRARY...

A symbol that is gone breaks programs: an error. One that is new gets the
version that is being built, as dpkg-gensymbols does it; with --strict it is an
error as well, and with --update VERSION it is written into the file. Before the
first release, when nothing is promised yet, remove the file before that.

A name in which the size of a word shows is listed twice, for 64 and for 32
bits. A symbol belongs to the node of the release that has it first: a release
that adds functions adds a node to the map of its library."""
import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SONAME = re.compile(r"\(SONAME\).*\[(\S+)\]")
NODE = re.compile(r"@LIBMDEV_(?:C_)?([\d.]+)$")
LINE = re.compile(r" (?:\(arch-bits=(\d+)\))?(\S+) (\S+)")
# A number as the argument of a template.
NUMBER = re.compile(r"(?<=\d)ul\b")
# What 64 bits are made of, in names of C++: long, or long long.
LONG = re.compile(r"(durationI|IL|EL)l")


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def soname(library):
    return SONAME.search(run("readelf", "-dW", library))[1]


def file_of(name):
    """As Debian names a package: libx.so.0 is in libx0."""
    stem, _, number = name.partition(".so.")
    return HERE / f"{stem}{number}.symbols"


def exported(library):
    """What it exports, each with the node of its version."""
    names = set()
    for line in run("readelf", "--dyn-syms", "-W", library).splitlines():
        words = line.split()
        if len(words) < 8 or words[4] not in ("GLOBAL", "WEAK") or \
                words[6] == "UND":
            continue
        name = words[7].replace("@@", "@")
        if "@" not in name:  # the node itself
            name = f"{name}@{name}"
        names.add(name)
    return names


def bits_of(library):
    """The size of a word, from the ELF header."""
    with open(library, "rb") as file:
        return {1: 32, 2: 64}[file.read(5)[4]]


def listed(path, bits):
    """Name to the version that had it first."""
    if not path.exists():
        return {}
    found = [LINE.fullmatch(line).groups()
             for line in path.read_text().splitlines()
             if line.startswith(" ")]
    return {name: version for size, name, version in found
            if size in (None, str(bits))}


def demangled(names):
    return subprocess.run(["c++filt"], input="\n".join(names), check=True,
                          text=True, stdout=subprocess.PIPE).stdout.split("\n")


def with_unsigned_int(names):
    """Each name, with its std::size_t as 32 bits have it: of all letters m, that
    which names the type."""
    changed = [(name, name[:at] + "j" + name[at + 1:]) for name in names
               for at, letter in enumerate(name) if letter == "m"]
    before = demangled([one for one, _ in changed])
    after = demangled([other for _, other in changed])
    return {one: other for (one, other), old, new in zip(
        changed, before, after)
        if new == NUMBER.sub("u", old.replace("unsigned long", "unsigned int"))}


def for_32_bits(names):
    """Name to the name in a library of 32 bits, where that is another one."""
    short = with_unsigned_int(name for name in names if name[:2] == "_Z")
    others = {name: LONG.sub(r"\1x", short.get(name, name)) for name in names}
    return {name: other for name, other in others.items() if name != other}


def write(path, name, symbols):
    development = path.stem.rstrip("0123456789") + "-dev"
    lines = [f"{name} {path.stem} #MINVER#",
             f"* Build-Depends-Package: {development}"]
    others = for_32_bits(symbols)
    for symbol in sorted(symbols):
        tag = "(arch-bits=64)" if symbol in others else ""
        lines.append(f" {tag}{symbol} {symbols[symbol]}")
        if tag:
            lines.append(f" (arch-bits=32){others[symbol]} {symbols[symbol]}")
    path.write_text("\n".join(lines) + "\n")


def of_other_release(symbols):
    """The symbols whose node is not that of their version."""
    return {symbol for symbol, version in symbols.items()
            if not f"{version}.".startswith(NODE.search(symbol)[1] + ".")}


def compare(library, version, strict):
    name = soname(library)
    path = file_of(name)
    here, there = exported(library), listed(path, bits_of(library))
    gone, new = set(there) - here, here - set(there)
    updated = {**{symbol: version for symbol in new if version}, **there}
    misplaced = of_other_release(updated)
    if version and not gone and not misplaced:
        if bits_of(library) != 64:
            sys.exit(f"{library}: update from a library of 64 bits")
        write(path, name, updated)
        new = set()
    for what, symbols in (
            ("is gone", gone), ("is new", new),
            ("is in the node of another release", misplaced)):
        for symbol in sorted(symbols):
            print(f"{path.name}: {symbol} {what}", file=sys.stderr)
    if not here:
        print(f"{library} exports nothing", file=sys.stderr)
    return not here or bool(gone or misplaced or new and strict)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--update", metavar="VERSION")
    parser.add_argument("libraries", nargs="+", metavar="LIBRARY")
    given = parser.parse_args()
    results = [compare(library, given.update, given.strict)
               for library in given.libraries]
    return any(results)


if __name__ == "__main__":
    sys.exit(main())
