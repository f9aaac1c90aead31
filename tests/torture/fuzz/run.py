# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the fuzzers of a build directory (-Dfuzzing=true, by clang) for a number
of inputs or seconds, and prints what they have covered. Prints TAP; what
crashes one is kept in the build directory, to be moved to regressions/."""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LONGEST = "4096"  # bytes of an input
# Files that a target writes anew for each input: a file system that has to
# bring them to a disk takes milliseconds for each.
MEMORY = "/dev/shm"


def environment():
    """With temporary files in memory, where there is a place for them."""
    if os.access(MEMORY, os.W_OK):
        return {**os.environ, "TMPDIR": MEMORY}
    return os.environ


def fuzz(program, build, limit):
    """The fuzzer's exit status and the last figures that it says."""
    name = program.name.removeprefix("fuzz_")
    kept = build / "tests/torture/fuzz/corpus" / name
    crashes = build / "tests/torture/fuzz/crashes" / name
    for directory in (kept, crashes):
        directory.mkdir(parents=True, exist_ok=True)
    # New inputs go to the first directory, the others are only read.
    corpora = [kept, HERE / "seeds" / name, HERE / "regressions" / name]
    done = subprocess.run(
        [program, limit, "-print_final_stats=1", f"-max_len={LONGEST}",
         "-timeout=20", f"-artifact_prefix={crashes}/",
         *filter(pathlib.Path.is_dir, corpora)],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="replace", check=False)
    figures = {
        key: (re.findall(pattern, done.stderr) or ["?"])[-1]
        for key, pattern in (("executions", r"executed_units: (\d+)"),
                             ("edges", r"cov: (\d+)"),
                             ("features", r"ft: (\d+)"),
                             ("inputs kept", r"corp: (\d+)"))}
    return done.returncode, figures, done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True)
    parser.add_argument("--runs", type=int, default=100000,
                        help="inputs for each target")
    parser.add_argument("--seconds", type=int,
                        help="how long to try each target instead")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(),
                        help="how many targets at a time")
    options = parser.parse_args()
    limit = f"-max_total_time={options.seconds}" if options.seconds \
        else f"-runs={options.runs}"
    programs = [path for path in sorted(
        options.build_dir.glob("tests/torture/fuzz/fuzz_*")) if path.is_file()]
    failures = not programs
    print(f"1..{len(programs)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(
            lambda program: fuzz(program, options.build_dir, limit), programs)
        for number, (program, (status, figures, said)) in enumerate(
                zip(programs, results), 1):
            text = ", ".join(
                f"{value} {key}" for key, value in figures.items())
            print(f"# {program.name}: {text}")
            print(f"{'not ' if status else ''}ok {number} - {program.name}",
                  flush=True)
            if status:
                failures = True
                sys.stderr.write(said[-4000:])
    return failures


sys.exit(main())
