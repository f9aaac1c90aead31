#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what the libraries export with the symbols files beside this file.

    symbols.py [--strict | --update VERSION] LIBRARY...

A symbol that is gone breaks programs: an error. One that is new gets the
version that is being built, as dpkg-gensymbols does it; with --strict it is an
error as well, and with --update VERSION it is written into the file. Before the
first release, when nothing is promised yet, remove the file before that."""
import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SONAME = re.compile(r"SONAME +(\S+)")


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def soname(library):
    return SONAME.search(run("objdump", "-p", library))[1]


def file_of(name):
    """As Debian names a package: libx.so.0 is in libx0."""
    stem, _, number = name.partition(".so.")
    return HERE / f"{stem}{number}.symbols"


def exported(library):
    """What it exports, each with the node of its version."""
    names = set()
    for line in run("nm", "-D", "--defined-only", library).splitlines():
        name = line.split()[-1].replace("@@", "@")
        if "@" not in name:  # the node itself
            name = f"{name}@{name}"
        names.add(name)
    return names


def listed(path):
    """Name to the version that had it first."""
    if not path.exists():
        return {}
    lines = path.read_text().splitlines()[1:]
    return dict(line.split() for line in lines)


def write(path, name, symbols):
    package = path.stem
    lines = [f"{name} {package} #MINVER#"]
    lines += [f" {symbol} {symbols[symbol]}" for symbol in sorted(symbols)]
    path.write_text("\n".join(lines) + "\n")


def compare(library, version, strict):
    name = soname(library)
    path = file_of(name)
    here, there = exported(library), listed(path)
    gone, new = set(there) - here, here - set(there)
    if version and not gone:
        write(path, name, {**{symbol: version for symbol in new}, **there})
        new = set()
    for what, symbols in (("is gone", gone), ("is new", new)):
        for symbol in sorted(symbols):
            print(f"{path.name}: {symbol} {what}", file=sys.stderr)
    if not here:
        print(f"{library} exports nothing", file=sys.stderr)
    return not here or bool(gone or new and strict)


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
