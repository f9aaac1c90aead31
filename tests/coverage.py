# SPDX-License-Identifier: LGPL-2.1-or-later
"""How much of libmdev the tests execute, and each line that they never do;
doc/RELIABILITY.md says why they do not. Fails if it gets less. Prints TAP.

  tests/coverage.py BUILD    a directory, made and built if it is not there

What the tests themselves say is for the usual build to judge: here some print
more, as programs that may not write their counters."""
import json
import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]
SOURCES = TOP / "libmdev/src"
LEAST = 96  # percent
OPTIONS = ("-Dtests=enabled", "-Dbuildtype=debug", "-Db_coverage=true",
           "-Dstatic=disabled", "-Dpython=disabled", "-Ddoc=disabled")
SUITES = ("unit", "cli", "callouts", "threads", "hostile", "fuzz", "stress",
          "bindings")


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
    os.umask(0)  # some tests are another user, who adds to the counters
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


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    total = executed = 0
    for file in measured(pathlib.Path(sys.argv[1]).resolve()):
        text = (TOP / file["file"]).read_text().splitlines()
        for number, count in sorted(counted(file).items()):
            total += 1
            executed += count > 0
            if not count:
                print(f"# {file['file']}:{number}: {text[number - 1].strip()}")
    percent = 100 * executed / max(total, 1)
    print(f"# {executed} of {total} lines were executed: {percent:.1f} %")
    print(f"1..1\n{'' if percent >= LEAST else 'not '}ok 1 - "
          f"at least {LEAST} % of libmdev's lines are executed")
    return percent < LEAST


sys.exit(main())
