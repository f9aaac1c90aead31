# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the fuzzers of a build directory (-Dfuzzing=true, clang) for a number
of inputs or seconds, and prints their coverage. Prints TAP. Inputs that cause
a crash are kept in the build directory, to be moved to regressions/."""
import argparse
import functools
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
LONGEST = "4096"  # bytes of an input
# The directory for files that a target writes for each input. On a disk, each
# file would take milliseconds.
MEMORY = "/dev/shm"


def environment():
    """Puts temporary files into memory, if there is a place for them."""
    if os.access(MEMORY, os.W_OK):
        return {**os.environ, "TMPDIR": MEMORY}
    return os.environ


def fuzz(program, build, limit):
    """Runs a fuzzer and prints its last figures. A crash is a failure."""
    name = program.name.removeprefix("fuzz_")
    kept = build / "tests/torture/fuzz/corpus" / name
    crashes = build / "tests/torture/fuzz/crashes" / name
    for directory in (kept, crashes):
        directory.mkdir(parents=True, exist_ok=True)
    # The fuzzer writes new inputs to the first directory, and only reads the
    # others.
    corpora = [kept, HERE / "seeds" / name, HERE / "regressions" / name]
    done = subprocess.run(
        [program, limit, "-print_final_stats=1", f"-max_len={LONGEST}",
         "-timeout=20", f"-artifact_prefix={crashes}/",
         *filter(pathlib.Path.is_dir, corpora)],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    tap.comment(f"{program.name}: " + ", ".join(
        f"{(re.findall(pattern, done.stderr) or ['?'])[-1]} {unit}"
        for unit, pattern in (("executions", r"executed_units: (\d+)"),
                              ("edges", r"cov: (\d+)"),
                              ("features", r"ft: (\d+)"),
                              ("inputs kept", r"corp: (\d+)"))))
    tap.expect(done.returncode == 0, done.stderr[-4000:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--runs", type=int, default=100000,
                        help="inputs for each target")
    parser.add_argument("--seconds", type=int,
                        help="seconds for each target instead")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        help="number of targets at the same time")
    options = parser.parse_args()
    limit = f"-max_total_time={options.seconds}" if options.seconds \
        else f"-runs={options.runs}"
    programs = [path for path in sorted(
        options.build_dir.glob("tests/torture/fuzz/fuzz_*")) if path.is_file()]
    return tap.run([
        (program.name,
         functools.partial(fuzz, program, options.build_dir, limit))
        for program in programs], options.jobs)


sys.exit(main())
