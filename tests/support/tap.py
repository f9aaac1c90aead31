# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints TAP for test scripts. Each line is printed at once: if a check hangs,
the results of the checks before it are visible."""
import concurrent.futures
import os
import sys
import traceback


class Failure(Exception):
    """Why a check failed."""


class Skip(Exception):
    """Why a check cannot run here."""


def expect(condition, message):
    """Raises a Failure with the message unless the condition holds."""
    if not condition:
        raise Failure(message)


def say(line):
    """Prints a line with one call, so that threads do not mix their lines."""
    print(f"{line}\n", end="", flush=True)


def comment(text):
    """Prints each line of a text as a comment."""
    for line in str(text).splitlines():
        say(f"# {line}")


def bail_out(reason):
    """Says why the remaining checks cannot run. Returns the exit status."""
    say(f"Bail out! {one_line(reason)}")
    return True


def skip_all(reason):
    """Ends a script none of whose checks can run here."""
    say(f"1..0 # SKIP {one_line(reason)}")
    sys.exit(0)


def has_fuse():
    """Whether mdevsim can run here."""
    return os.access("/dev/fuse", os.R_OK | os.W_OK)


def skip_all_without_fuse():
    """Ends the script where mdevsim cannot run."""
    if not has_fuse():
        skip_all("no /dev/fuse")


def one_line(text):
    """Returns a text as part of a TAP line, in which # begins a directive."""
    return " ".join(str(text).split()).replace("#", "_")


def title_of(function):
    """Returns the name of a function in words."""
    return function.__name__.replace("_", " ")


class Report:
    """The results of a script. `planned` is the number of results; without it,
    end() prints the plan."""

    def __init__(self, planned=None):
        self.count = self.failed = 0
        self.planned = planned
        if planned:
            say(f"1..{planned}")

    def result(self, title, failure="", skip=""):
        """Prints a result, and to stderr why the check failed: meson shows only
        the stderr of a test that prints TAP."""
        self.count += 1
        self.failed += bool(failure)
        title = one_line(title)
        note = f" # SKIP {one_line(skip)}" if skip else ""
        say(f"{'not ok' if failure else 'ok'} {self.count} - {title}{note}")
        if failure:
            print(f"{title}:\n{failure}", file=sys.stderr, flush=True)

    def end(self):
        """Returns the exit status. A script without any result fails."""
        if not self.count:
            return bail_out("there is nothing to check")
        if not self.planned:
            say(f"1..{self.count}")
        return self.failed != 0


def result_of(check):
    """Runs a check. Returns the arguments of Report.result() but the title."""
    try:
        check()
    except Skip as reason:
        return {"skip": str(reason)}
    except Failure as failure:
        return {"failure": str(failure) or "failed"}
    except Exception:  # pylint: disable=broad-except
        return {"failure": traceback.format_exc()}
    return {}


def run(checks, jobs=None):
    """Runs checks, which are pairs of a title and a function without
    parameters. Returns the exit status of the script. The plan precedes the
    results of a list. It follows the results of an iterator, which yields each
    check after the check before has run. `jobs` is the number of threads that
    run the checks of a list; results are printed in the order of the list."""
    report = Report(len(checks) if isinstance(checks, list) else None)
    if not jobs:
        for title, check in checks:
            report.result(title, **result_of(check))
        return report.end()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = pool.map(result_of, [check for _, check in checks])
        for (title, _), result in zip(checks, results):
            report.result(title, **result)
    return report.end()
