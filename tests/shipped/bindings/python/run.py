# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the tests in this directory with pytest and prints TAP. The package
mdev is the one in PYTHONPATH."""
import argparse
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "support"))
import tap  # noqa: E402

try:
    import pytest
except ImportError:
    tap.skip_all("python3-pytest is missing")

HERE = pathlib.Path(__file__).resolve().parent


class Plugin:
    """Reports the result of each test at once."""

    def __init__(self):
        self.report = tap.Report()
        self.told = set()

    @staticmethod
    def pytest_addoption(parser):
        """Adds an option of pytest's own reporter that pytest's assertions
        read."""
        parser.addoption("--verbose", type=int, default=0)

    def tell(self, title, **why):
        """Reports a test once: pytest also reports the cleanup after a test
        that failed or was skipped."""
        if title not in self.told:
            self.told.add(title)
            self.report.result(title, **why)

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.tell(report.nodeid, failure=report.longreprtext)
        elif report.skipped:
            self.tell(report.nodeid, skip=report.longrepr[2])
        elif report.when == "teardown":
            self.tell(report.nodeid)

    def pytest_collectreport(self, report):
        if report.failed:
            self.tell(report.nodeid, failure=report.longreprtext)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevsim", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("tests", nargs="*",
                        help="the tests to run; all by default")
    given = parser.parse_args()
    plugin = Plugin()
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "--rootdir",
               str(HERE), "-c", "/dev/null"]
    for name in ("mdevsim", "build"):
        if getattr(given, name):
            options.append(f"--{name}={getattr(given, name).resolve()}")
    sys.dont_write_bytecode = True
    with tempfile.TemporaryDirectory() as scratch:
        options.append(f"--basetemp={scratch}/tests")
        status = pytest.main(options + (given.tests or [str(HERE)]), [plugin])
    return plugin.report.end() or status


sys.exit(main())
