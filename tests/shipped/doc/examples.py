# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs each example of the guide on a simulated kernel and compares its
output. Prints TAP.

examples.py --mdevsim PROGRAM --build DIRECTORY [--python PROGRAM]

Without --python, the examples in Python are skipped.
"""
import argparse
import difflib
import functools
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parents[2] / "doc/examples"
GUIDE = HERE.parents[2] / "doc/guide"
# The output that pages for developers show, and the example that prints it.
SHOWN = {"automation.md": "automation"}
TEXT = re.compile(r"^```text\n(.*?)^```$", re.M | re.S)
UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
DEFINITION = '{"mdev_type": "mtty-1", "start": "manual"}'
REFUSAL = """#!/bin/sh
[ "$4" = pre ] || exit 0
echo 'not today' >&2
exit 1
"""
# The system that an example needs, by the name of the example.
FILES = {
    "list": {f"etc/mdevctl.d/mtty/{UUID}": DEFINITION},
    "environment": {f"etc/mdevctl.d/mtty/{UUID}": "{"},
    "status": {f"etc/mdevctl.d/mtty/{UUID}": DEFINITION,
               f"etc/mdevctl.d/other/{UUID}": "{"},
    "scripts": {"etc/mdevctl.d/scripts.d/callouts/refuse": REFUSAL},
}
DEVICES = {"devices": [f"{UUID}=mtty/mtty-1"],
           "facts": [f"{UUID}=mtty/mtty-2"],
           "list": [f"{UUID}=mtty/mtty-1"],
           "status": [f"{UUID}=mtty/mtty-2"]}


def output_of(name, command, mdevsim):
    """Returns the output of the example, and its exit status if it fails."""
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        (root / "sys").mkdir()
        for file, text in FILES.get(name, {}).items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text)
            (root / file).chmod(0o755)
        devices = [f"--device={device}"
                   for device in DEVICES.get(name, [])]
        done = subprocess.run(
            [mdevsim, root / "sys", "--parent=mtty=mtty", *devices, "--",
             *command, root], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=60, check=False)
    end = f"exit status {done.returncode}\n" if done.returncode else ""
    return done.stdout.replace(directory, "ROOT") + end


def command_of(source, given):
    """Returns the command that runs the example."""
    if source.suffix == ".cpp":
        return [given.build / source.stem]
    if source.suffix == ".c":
        return [given.build / f"{source.stem}_c"]
    if not given.python:
        raise tap.Skip("the Python binding is not built")
    return [given.python, source]


def prints_what_is_expected(source, given):
    name = source.stem if source.suffix == ".cpp" else source.name
    expected = (HERE / "expected" / name).read_text()
    actual = output_of(name, command_of(source, given), given.mdevsim)
    tap.expect(actual == expected, "".join(difflib.unified_diff(
        expected.splitlines(True), actual.splitlines(True), "expected",
        "printed")))


def shows_what_is_printed(page, example):
    blocks = TEXT.findall((GUIDE / page).read_text(encoding="utf-8"))
    tap.expect(blocks, "the page shows no output")
    printed = (HERE / "expected" / example).read_text()
    for block in blocks:
        tap.expect(block in printed, f"{example} does not print\n{block}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevsim", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--python", help="with the binding in PYTHONPATH")
    given = parser.parse_args()
    sources = sorted(path for path in EXAMPLES.iterdir()
                     if path.suffix in (".c", ".cpp", ".py")
                     and path.stem not in ("nodedev", "vmmd"))
    return tap.run([
        (source.name, functools.partial(prints_what_is_expected, source, given))
        for source in sources] + [
        (f"the output that {page} shows",
         functools.partial(shows_what_is_printed, page, example))
        for page, example in SHOWN.items()])


sys.exit(main())
