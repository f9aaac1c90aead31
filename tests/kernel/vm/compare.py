#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares mdevsim with a kernel: the same operations, line by line.
programs/operations.c describes the operations, and the file operations lists
them. run.py --record stores the answers of a kernel in the file
operations.recorded, so that mdevsim can be tested without a kernel. Prints
TAP."""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
LIST = HERE / "operations"
RECORDED = HERE / "operations.recorded"
LIMIT = 300  # seconds; the test takes a few


def simulated(mdevsim, operations):
    """Returns the answers of mdevsim, as lines."""
    with tempfile.TemporaryDirectory() as directory:
        result = subprocess.run(
            [mdevsim, directory, "--", operations, "--simulated", directory,
             LIST],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=LIMIT)
    return result.stdout.splitlines()


def record(lines):
    RECORDED.write_text("".join(f"{line}\n" for line in lines))


def recorded():
    return RECORDED.read_text().splitlines()


def sections(lines):
    """Yields (heading, [(operation, outcome lines)])."""
    heading, operations = "", []
    for line in lines:
        if line.startswith("# "):
            if any(lines for _, lines in operations):
                yield heading, operations
            heading, operations = line[2:], []
        elif not line.startswith("  "):
            if line:
                operations.append((line, []))
        elif operations:
            operations[-1][1].append(line)
    yield heading, operations


def compare(name, kernel_lines, other_lines):
    """Yields (fact, differences): one for each section of the list."""
    kernel = dict(sections(kernel_lines))
    other = dict(sections(other_lines))
    for heading in dict.fromkeys([*kernel, *other]):
        yield (f"{name} is like the kernel: {heading}",
               list(_differences(name, kernel.get(heading, []),
                                 other.get(heading, []))))


def _differences(name, kernel, other):
    for number in range(max(len(kernel), len(other))):
        ours = other[number] if number < len(other) else ("nothing", [])
        real = kernel[number] if number < len(kernel) else ("nothing", [])
        if ours == real:
            continue
        yield real[0] if ours[0] == real[0] else f"{real[0]} / {ours[0]}"
        for line in real[1]:
            if line not in ours[1]:
                yield f"  kernel: {line.strip()}"
        for line in ours[1]:
            if line not in real[1]:
                yield f"  {name}: {line.strip()}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("mdevsim", type=pathlib.Path)
    parser.add_argument("operations", type=pathlib.Path,
                        help="the program of that name")
    arguments = parser.parse_args()
    tap.skip_all_without_fuse()
    if os.geteuid() != 0:
        tap.skip_all("one operation runs as another user and needs root")
    lines = simulated(arguments.mdevsim.resolve(),
                      arguments.operations.resolve())
    report = tap.Report()
    for fact, differences in compare("mdevsim", recorded(), lines):
        report.result(fact, "\n".join(differences))
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
