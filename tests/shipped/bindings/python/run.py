# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the tests beside this file with pytest and prints TAP: a line for each.
The module mdev is whichever PYTHONPATH has."""
import argparse
import pathlib
import sys
import tempfile

try:
    import pytest
except ImportError:
    print("1..0 # SKIP python3-pytest is missing")
    sys.exit(0)

HERE = pathlib.Path(__file__).resolve().parent


class Tap:
    """Tells how each test went, as soon as it is known."""

    def __init__(self):
        self.count = 0
        self.told = set()

    @staticmethod
    def pytest_addoption(parser):
        """What pytest's own reporter would bring, and its assertions ask."""
        parser.addoption("--verbose", type=int, default=0)

    def say(self, word, title, note=""):
        self.count += 1
        print(f"{word} {self.count} - {title}{note}", file=sys.__stdout__,
              flush=True)

    def tell(self, word, title, note=""):
        """Says it once: a test that has failed or was skipped is cleaned up
        after, and that is reported, too."""
        if title not in self.told:
            self.told.add(title)
            self.say(word, title.replace("#", "_"), note)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.tell("not ok", report.nodeid)
            print(report.longreprtext, file=sys.__stderr__, flush=True)
        elif report.skipped:
            self.tell("ok", report.nodeid, f" # SKIP {report.longrepr[2]}")
        elif report.when == "teardown":
            self.tell("ok", report.nodeid)

    def pytest_collectreport(self, report):
        if report.failed:
            self.tell("not ok", report.nodeid)
            print(report.longreprtext, file=sys.__stderr__, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevsim", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("tests", nargs="*", help="all of them if left out")
    given = parser.parse_args()
    tap = Tap()
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "--rootdir",
               str(HERE), "-c", "/dev/null"]
    for name in ("mdevsim", "build"):
        if getattr(given, name):
            options.append(f"--{name}={getattr(given, name).resolve()}")
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as scratch:
        options.append(f"--basetemp={scratch}/tests")
        status = pytest.main(options + (given.tests or [str(HERE)]), [tap])
    print(f"1..{tap.count}", flush=True)
    return status


sys.exit(main())
