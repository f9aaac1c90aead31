# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads the built files with readelf, and checks the protections against
attacks on memory, whatever the options of the build were. Prints TAP."""
import argparse
import functools
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tap  # noqa: E402

ENDBR64 = b"\xf3\x0f\x1e\xfa"


def readelf(option, file):
    return subprocess.run(["readelf", "-W", option, file], check=True,
                          capture_output=True, text=True).stdout


class Built:
    """A program or library, and the output of readelf."""

    def __init__(self, file):
        self.header = readelf("-h", file)
        self.segments = readelf("-l", file)
        self.dynamic = readelf("-d", file)
        self.symbols = readelf("-s", file)
        with open(file, "rb") as content:
            self.content = content.read()
        self.is_static = "NEEDED" not in self.dynamic
        self.is_shared_program = "INTERP" in self.segments

    def is_position_independent(self):
        """the program is loaded at a random address"""
        return re.search(r"Type:\s+DYN", self.header)

    def has_relro(self):
        """its tables are read-only when it runs"""
        return "GNU_RELRO" in self.segments

    def binds_now(self):
        """all symbols are bound before it runs, so no table stays writable"""
        # A static program has no symbols to bind.
        return self.is_static or re.search(
            r"BIND_NOW|FLAGS_1.*\bNOW\b", self.dynamic)

    def has_stack_protector(self):
        """functions detect that their stack frame was overwritten"""
        return "__stack_chk_fail" in self.symbols

    def has_checked_functions(self):
        """functions that copy know the size of their target"""
        # The remaining code of the program calls no function with such a check.
        return self.is_shared_program or re.search(
            r"__(mem|str|sn?printf|vsn?printf|fprintf|read|poll)\w*_chk\b",
            self.symbols)

    def has_no_executable_stack(self):
        """its stack cannot be executed"""
        return not re.search(r"GNU_STACK.*\bRWE\b", self.segments) and \
            "GNU_STACK" in self.segments

    def has_no_writable_code(self):
        """no memory is both writable and executable"""
        return not re.search(r"LOAD.*\bRWE\b", self.segments)

    def has_branch_protection(self):
        """indirect branches have marked targets only"""
        # A note for the whole program is not required: a C library without it
        # removes the note.
        return "X86-64" not in self.header or \
            self.content.count(ENDBR64) > 50

    def has_no_text_relocations(self):
        """its code is never written, not even while it is loaded"""
        return "TEXTREL" not in self.dynamic


CHECKS = (
    Built.is_position_independent, Built.has_relro, Built.binds_now,
    Built.has_stack_protector, Built.has_checked_functions,
    Built.has_no_executable_stack, Built.has_no_writable_code,
    Built.has_branch_protection, Built.has_no_text_relocations)


def verify(built, check, without):
    if check.__name__ in without:
        raise tap.Skip("not in this build")
    tap.expect(check(built), "readelf shows that this is not the case")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", action="append", default=[],
                        metavar="CHECK",
                        help="the checks that this build cannot pass")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    return tap.run([
        (f"{file.rsplit('/', 1)[-1]}: {check.__doc__}",
         functools.partial(verify, built, check, options.without))
        for file, built in [(file, Built(file)) for file in options.files]
        for check in CHECKS])


sys.exit(main())
