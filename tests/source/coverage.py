# SPDX-License-Identifier: LGPL-2.1-or-later
"""How much of libmdev the tests execute. Each line that they never do is a
failure, unless tests/source/coverage.explained says why they do not. Prints TAP.

  tests/source/coverage.py BUILD    a directory, made and built if it is not there

What the tests themselves say is for the usual build to judge: here some print
more, as programs that may not write their counters."""
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
# Not those that kill it, perhaps while it writes its counters.
SUITES = ("unit", "golden", "callouts", "threads", "hostile", "fuzz", "bindings")


def run(*words, **options):
    return subprocess.run(words, stdout=options.pop("stdout", sys.stderr),
                          stdin=subprocess.DEVNULL, **options)


def measured(build):
    """The files of gcovr's report after the tests have run."""
    if not (build / "build.ninja").exists():
        run("meson", "setup", build, TOP, *OPTIONS, check=True)
    run("ninja", "-C", build, check=True)
    for counters in build.rglob("*.gcda"):
        counters.unlink()
    # Some tests are another user, who adds to the counters that others made.
    os.umask(0)
    run(build / "mdevctl/mdevctl", "--version", check=True)
    suites = [word for suite in SUITES for word in ("--suite", suite)]
    run("meson", "test", "-C", build, "--no-rebuild", *suites, check=False)
    report = run("gcovr", "--root", TOP, "--filter", SOURCES, "--json",
                 "--object-directory", build, build, check=True,
                 stdout=subprocess.PIPE).stdout
    return json.loads(report)["files"]


def counted(file):
    """How often each line of code was executed, by its number."""
    counts = {}
    for line in file["lines"]:
        if not line["gcovr/noncode"]:
            number = line["line_number"]
            counts[number] = counts.get(number, 0) + line["count"]
    return counts


def explained():
    """How many lines may be left that say "FILE: TEXT"."""
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
