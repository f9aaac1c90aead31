# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures which lines of libmdev the tests execute. A line that is never
executed is a failure, unless tests/source/coverage.explained has a reason.
Prints TAP.

  tests/source/coverage.py BUILD    a directory; made and built if missing

The results of the tests themselves do not matter here: some tests print more,
because programs may be unable to write their counters."""
import collections
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tap  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[2]
SOURCES = TOP / "libmdev/src"
EXPLAINED = TOP / "tests/source/coverage.explained"
OPTIONS = ("-Dtests=enabled", "-Dbuildtype=debug", "-Db_coverage=true",
           "-Dstatic=disabled", "-Dpython=disabled", "-Ddoc=disabled")
# A signal that kills a program could interrupt the writing of its counters.
SUITES = ("unit", "golden", "callouts", "threads", "hostile", "fuzz", "bindings")


def run(*words, **options):
    return subprocess.run(words, stdout=options.pop("stdout", sys.stderr),
                          stdin=subprocess.DEVNULL, **options)


def measured(build):
    """Returns the files of gcovr's report after the tests."""
    if not (build / "build.ninja").exists():
        run("meson", "setup", build, TOP, *OPTIONS, check=True)
    run("ninja", "-C", build, check=True)
    for counters in build.rglob("*.gcda"):
        counters.unlink()
    # Some tests run as another user, who adds to the counters of other
    # processes.
    os.umask(0)
    run(build / "mdevctl/mdevctl", "--version", check=True)
    suites = [word for suite in SUITES for word in ("--suite", suite)]
    run("meson", "test", "-C", build, "--no-rebuild", "--timeout-multiplier", "8",
        *suites, check=False)
    report = run("gcovr", "--root", TOP, "--filter", SOURCES, "--json",
                 "--object-directory", build, build, check=True,
                 stdout=subprocess.PIPE).stdout
    return json.loads(report)["files"]


def counted(file):
    """Returns how often each line of code was executed, by its number."""
    counts = {}
    for line in file["lines"]:
        if not line["gcovr/noncode"]:
            number = line["line_number"]
            counts[number] = counts.get(number, 0) + line["count"]
    return counts


def explained():
    """Returns how many unexecuted lines may have the text of each "FILE:
    TEXT"."""
    return collections.Counter(
        line.strip() for line in EXPLAINED.read_text().splitlines()
        if line.startswith("    "))


def every_line_is_executed():
    reasons = explained()
    total = executed = 0
    left = []
    for file in measured(pathlib.Path(sys.argv[1]).resolve()):
        text = (TOP / file["file"]).read_text().splitlines()
        for number, count in sorted(counted(file).items()):
            total += 1
            if count:
                executed += 1
                continue
            line = f"{file['file'].rpartition('/')[2]}: " \
                f"{text[number - 1].strip()}"
            reasons[line] -= 1
            if reasons[line] < 0:
                left.append(f"line {number} of {line}")
    tap.comment(f"{executed} of {total} lines were executed: "
                f"{100 * executed / max(total, 1):.1f} %")
    tap.expect(total and not left, "\n".join(left))


if len(sys.argv) != 2:
    sys.exit(__doc__)
sys.exit(tap.run([("every line of libmdev is executed or explained",
                   every_line_is_executed)]))
