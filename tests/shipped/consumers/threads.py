# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the threads on a simulated kernel. Prints TAP.

threads.py --mdevsim PROGRAM --threads PROGRAM [--time MILLISECONDS]
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevsim", required=True)
    parser.add_argument("--threads", required=True)
    parser.add_argument("--time", default="1000")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        system = pathlib.Path(root) / "sys"
        system.mkdir()
        return subprocess.run(
            [given.mdevsim, system, "--parent=mtty=mtty", "--",
             given.threads, root, given.time], check=False).returncode


sys.exit(main())
