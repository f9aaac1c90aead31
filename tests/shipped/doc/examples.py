# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs each example of the guide on a simulated kernel and compares what it
prints. Prints TAP.

    examples.py --mdevsim PROGRAM --build DIRECTORY
"""
import argparse
import difflib
import functools
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parents[2] / "doc/examples"
UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
DEFINITION = '{"mdev_type": "mtty-1", "start": "manual"}'
REFUSAL = """#!/bin/sh
[ "$4" = pre ] || exit 0
echo 'not today' >&2
exit 1
"""
# What an example finds on its system, by its name.
FILES = {
    "list": {f"etc/mdevctl.d/mtty/{UUID}": DEFINITION},
    "environment": {f"etc/mdevctl.d/mtty/{UUID}": "{"},
    "status": {f"etc/mdevctl.d/mtty/{UUID}": DEFINITION,
               f"etc/mdevctl.d/other/{UUID}": "{"},
    "scripts": {"etc/mdevctl.d/scripts.d/callouts/refuse": REFUSAL},
}
DEVICES = {"facts": [f"{UUID}=mtty/mtty-2"],
           "list": [f"{UUID}=mtty/mtty-1"],
           "status": [f"{UUID}=mtty/mtty-2"]}


def output_of(program, mdevsim):
    """What it prints, and then how it ended, if that was not well."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        (root / "sys").mkdir()
        for file, text in FILES.get(program.name, {}).items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text)
            (root / file).chmod(0o755)
        devices = [f"--device={device}"
                   for device in DEVICES.get(program.name, [])]
        done = subprocess.run(
            [mdevsim, root / "sys", "--parent=mtty=mtty", *devices, "--",
             program, root], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=60, check=False)
    end = f"exit status {done.returncode}\n" if done.returncode else ""
    return done.stdout.replace(name, "ROOT") + end


def prints_what_is_expected(name, given):
    expected = (HERE / "expected" / name).read_text()
    actual = output_of(given.build / name, given.mdevsim)
    tap.expect(actual == expected, "".join(difflib.unified_diff(
        expected.splitlines(True), actual.splitlines(True), "expected",
        "printed")))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevsim", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    given = parser.parse_args()
    names = sorted(path.stem for path in EXAMPLES.glob("*.cpp")
                   if path.stem not in ("nodedev", "vmmd"))
    return tap.run([
        (name, functools.partial(prints_what_is_expected, name, given))
        for name in names])


sys.exit(main())
