# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the output of mdevctl on terminals of several widths, in several
locales, with and without colors. Prints TAP.

A case is a directory beside this file, as in tests/golden:
  cmd            a shell script that runs on the terminal
  sim            the options of mdevsim, one a line
  SCREEN.screen  the expected text; SCREEN is a name in the table below
A case has the screens of its files. --update renews these files, and also
makes the files for the names after --screen."""
import argparse
import functools
import os
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path.insert(0, str(HERE.parent / "golden"))
import run as golden  # noqa: E402
import tap  # noqa: E402

COLOR = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
SCREENS = {
    "60": (60, COLOR),
    "80": (80, COLOR),
    "132": (132, COLOR),
    "80-c": (80, {**COLOR, "LC_ALL": "C"}),
    "80-no-color": (80, {**COLOR, "NO_COLOR": "1"}),
    "80-dumb": (80, {**COLOR, "TERM": "dumb"}),
}
# Cases whose lines must fit on terminals with enough columns for a UUID, a
# state and short names.
FITTING = ("list", "types")
ENOUGH = 80


class Case(golden.Case):
    """A script on a terminal."""

    def __init__(self, directory, screen):
        super().__init__(directory)
        self.columns, self.environment = SCREENS[screen]
        self.file = directory / f"{screen}.screen"

    def show(self, scratch, programs):
        root = scratch / "root"
        root.mkdir()
        environment = {
            "PATH": f"{programs.directory}:/usr/bin:/bin",
            "HOME": str(scratch), "ROOT": str(root), "TZ": "UTC",
            "MDEVCTL_ENV_ROOT": str(root), **self.environment}
        words = [str(word) for word in self.command(root, programs)]
        at = words.index("sh")
        words[at:at] = [sys.executable, str(HERE / "on_pty.py"),
                        str(self.columns)]
        status, shown, errors = golden.finished(
            words, root, environment, programs.limit())
        shown = self.normalized(shown, root) + self.normalized(errors, root)
        shown = re.sub(rb"process \d+ ", b"process <PID> ", shown)
        return shown + (b"[%d]\n" % status if status else b"")

    def check_widths(self, shown):
        plain = re.sub(r"<ESC>\[[0-9;]*m", "", shown.decode())
        wide = [line for line in plain.splitlines()
                if not line.startswith("$ ") and len(line) > self.columns]
        if self.name in FITTING and self.columns >= ENOUGH and wide:
            raise tap.Failure("too wide:\n" + "\n".join(wide))


def judge(case, programs, update):
    case.skip_without_kernel(programs)
    scratch = pathlib.Path(os.path.realpath(
        tempfile.mkdtemp(prefix="mdevctl-screen-")))
    try:
        shown = case.show(scratch, programs)
    finally:
        golden.remove(scratch)
    case.check_widths(shown)
    expected = case.file.read_bytes() if case.file.exists() else b""
    if shown == expected:
        return
    if not update:
        raise tap.Failure(golden.difference(
            case, {case.file.name: expected}, {case.file.name: shown}))
    case.file.write_bytes(shown)
    tap.comment(f"{case.name}/{case.file.name} is updated")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mdevctl", required=True, type=os.path.abspath)
    parser.add_argument("--mdevsim", type=os.path.abspath)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--screen", action="append", default=[],
                        choices=SCREENS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("cases", nargs="*", metavar="CASE")
    given = parser.parse_args()
    checks = []
    with tempfile.TemporaryDirectory(prefix="mdevctl-bin-") as name:
        programs = golden.Programs(
            pathlib.Path(name), given.mdevctl, given.mdevsim, None)
        for cmd in sorted(HERE.glob("*/cmd")):
            if given.cases and cmd.parent.name not in given.cases:
                continue
            names = {path.stem for path in cmd.parent.glob("*.screen")}
            for screen in sorted(names | set(given.screen)):
                checks.append((
                    f"{cmd.parent.name} {screen}",
                    functools.partial(judge, Case(cmd.parent, screen),
                                      programs, given.update)))
        return tap.run(checks, given.jobs)


if __name__ == "__main__":
    sys.exit(main())
