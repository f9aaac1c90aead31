# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a test below a root directory whose sys/ is a simulated kernel with a
parent "mtty":

simulated.py MDEVSIM PROGRAM [ARGUMENT]...

The root is added after the arguments. The exit status is the program's."""
import pathlib
import subprocess
import sys
import tempfile


def main(mdevsim, *words):
    with tempfile.TemporaryDirectory() as root:
        sys_directory = pathlib.Path(root, "sys")
        sys_directory.mkdir()
        return subprocess.run(
            [mdevsim, sys_directory, "--parent", "mtty=mtty", "--", *words,
             root], check=False).returncode


sys.exit(main(*sys.argv[1:]))
