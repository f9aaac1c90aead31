#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares mdevsim with the console of the emulated machine, in which the real
drivers have made the operations of a list.

compare.py PARENT LIST CONSOLE MDEVSIM OPERATIONS
  PARENT  the parent of mdevsim that is compared, as NAME=PROFILE
  LIST    a file with operations
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "kernel/vm"))
from compare import compare  # noqa: E402


def main():
    parent, work, console, mdevsim, operations = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        simulated = subprocess.run(
            [mdevsim, directory, f"--parent={parent}", "--",
             operations, "--simulated", directory, work],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=True, timeout=300).stdout.splitlines()
    real = pathlib.Path(console).read_text(errors="replace").splitlines()
    first = next(number for number, line in enumerate(real)
                 if line.startswith("# What sysfs"))
    real = real[first:real.index("end 0")]
    different = False
    for fact, differences in compare("mdevsim", real, simulated):
        different = different or bool(differences)
        print("not ok" if differences else "ok", "-", fact)
        for line in differences:
            print("#", line)
    return different


sys.exit(main())
