# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the numbers of system calls in the guide with the numbers on a
simulated kernel. Prints TAP, and the table as a comment.

costs.py --costs PROGRAM --mdevsim PROGRAM [--update]
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tap  # noqa: E402
from tap import Failure  # noqa: E402

PAGE = pathlib.Path(__file__).resolve().parents[2] / "doc/guide/daemon.md"
ROW = re.compile(r"^\| (.+) \| (\d+) \|$", re.M)
TABLE = re.compile(r"(?<=\| operation \| system calls \|\n\| --- \| --- \|\n)"
                   r"(\| .*\|\n)*")
CANNOT_TRACE = 77


def measured(programs):
    if not tap.has_fuse():
        raise tap.Skip("no /dev/fuse")
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        (root / "sys").mkdir()
        done = subprocess.run(
            [programs.mdevsim, root / "sys", "--parent=mtty=mtty", "--",
             programs.costs, root], stdout=subprocess.PIPE, text=True,
            timeout=100, check=False)
    if done.returncode == CANNOT_TRACE:
        raise tap.Skip("no process can be traced here")
    if done.returncode:
        raise Failure(f"costs ends with {done.returncode}")
    return {operation: int(number) for operation, number in (
        line.split("\t") for line in done.stdout.splitlines())}


def documented():
    return {operation: int(number) for operation, number in
            ROW.findall(TABLE.search(PAGE.read_text())[0])}


def is_near(number, said):
    """C libraries and kernels differ by a few calls: for a stop, glibc 2.41 makes
    six more than glibc 2.36."""
    return abs(number - said) <= max(6, said // 10)


def check(found, said):
    wrong = [f"{operation}: {found.get(operation)}, the guide says "
             f"{said.get(operation)}"
             for operation in sorted(found.keys() | said.keys())
             if operation not in found or operation not in said or
             not is_near(found[operation], said[operation])]
    if wrong or not found:
        raise Failure("\n".join(wrong) or "no operation was measured")


def check_sees(said):
    operation = next(iter(said))
    for wrong in ({**said, operation: said[operation] * 2 + 10},
                  {**said, "another": 1}):
        try:
            check(wrong, said)
        except Failure:
            continue
        raise Failure("a wrong number passes")


def table_of(found):
    return "".join(f"| {operation} | {number} |\n"
                   for operation, number in found.items())


def costs_are_as_documented(given):
    found = measured(given)
    tap.comment(table_of(found))
    if given.update:
        PAGE.write_text(TABLE.sub(lambda _: table_of(found), PAGE.read_text()))
    check(found, documented())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--costs", type=pathlib.Path, required=True)
    parser.add_argument("--mdevsim", type=pathlib.Path, required=True)
    parser.add_argument("--update", action="store_true")
    given = parser.parse_args()
    return tap.run([
        ("operations make as many system calls as the guide says",
         lambda: costs_are_as_documented(given)),
        ("a wrong number is found", lambda: check_sees(documented())),
    ])


sys.exit(main())
