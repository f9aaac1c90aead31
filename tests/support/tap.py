# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints TAP for test scripts. Each line is written at once, so that the last
line before a check that hangs names the check before it."""
import concurrent.futures
import os
import sys
import traceback


class Failure(Exception):
    """Why a check failed."""


class Skip(Exception):
    """Why a check cannot be made here."""


def expect(condition, message):
    """Raises a Failure with the message unless the condition holds."""
    if not condition:
        raise Failure(message)


def say(line):
    """Prints a line by one call, so that threads do not mix theirs."""
    print(f"{line}\n", end="", flush=True)


def comment(text):
    """Prints each line of a text as a comment."""
    for line in str(text).splitlines():
        say(f"# {line}")


def bail_out(reason):
    """Says that the remaining checks cannot be made, and returns the exit
    status."""
    say(f"Bail out! {one_line(reason)}")
    return True


def skip_all(reason):
    """Ends a script none of whose checks can be made here."""
    say(f"1..0 # SKIP {one_line(reason)}")
    sys.exit(0)


def has_fuse():
    """Whether mdevsim can run here."""
    return os.access("/dev/fuse", os.R_OK | os.W_OK)


def skip_all_without_fuse():
    """Ends a script all of whose checks need mdevsim, where it cannot run."""
    if not has_fuse():
        skip_all("no /dev/fuse")


def one_line(text):
    """A text as a part of a line of TAP, in which # begins a directive."""
    return " ".join(str(text).split()).replace("#", "_")


def title_of(function):
    """The name of a function in words."""
    return function.__name__.replace("_", " ")


class Report:
    """The results of a script. `planned` is their number; without it, end()
    prints the plan."""

    def __init__(self, planned=None):
        self.count = self.failed = 0
        self.planned = planned
        if planned:
            say(f"1..{planned}")

    def result(self, title, failure="", skip=""):
        """Prints a result. Why a check failed is printed to stderr: of a test
        that prints TAP, meson shows nothing else."""
        self.count += 1
        self.failed += bool(failure)
        title = one_line(title)
        note = f" # SKIP {one_line(skip)}" if skip else ""
        say(f"{'not ok' if failure else 'ok'} {self.count} - {title}{note}")
        if failure:
            print(f"{title}:\n{failure}", file=sys.stderr, flush=True)

    def end(self):
        """Returns the exit status of the script. A script that has checked
        nothing fails."""
        if not self.count:
            return bail_out("there is nothing to check")
        if not self.planned:
            say(f"1..{self.count}")
        return self.failed != 0


def outcome(check):
    """Makes a check. Returns what Report.result() needs besides the title."""
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
    """Makes each check, a pair of a title and a function without parameters,
    and returns the exit status of the script. The plan precedes the results of
    a list, and follows those of an iterator, which is advanced only after the
    check before. With `jobs`, so many checks of a list are made at a time."""
    report = Report(len(checks) if isinstance(checks, list) else None)
    if not jobs:
        for title, check in checks:
            report.result(title, **outcome(check))
        return report.end()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        outcomes = pool.map(outcome, [check for _, check in checks])
        for (title, _), result in zip(checks, outcomes):
            report.result(title, **result)
    return report.end()
