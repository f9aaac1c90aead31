# SPDX-License-Identifier: LGPL-2.1-or-later
"""Static analysis of what is installed: cppcheck, and clang-tidy with the
checks of .clang-tidy, whose findings are errors. Takes a build directory, for
its compile_commands.json, and prints TAP.

  tests/analyze.py BUILD [FILE]...    the sources to look at, all if none"""
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]
DIRECTORIES = ("libmdev/src", "mdevctl", "bindings/c")
# What a lambda throws counts as its function's for cppcheck; the compiler and
# clang-tidy know better.
CPPCHECK = (
    "--enable=warning,performance,portability", "--error-exitcode=1",
    "--suppress=throwInNoexceptFunction", "--inline-suppr", "--quiet",
    "--std=c++20", "--language=c++", "--library=posix", "-DMDEV_API=",
    '-DMDEV_SCRIPT_DIRECTORY="/"', "-Ilibmdev/include", "-Ibindings/c/include")


def sources(build):
    """What the build compiles of the directories, relative to the top."""
    commands = json.loads((build / "compile_commands.json").read_text())
    found = {pathlib.Path(os.path.normpath(build / entry["file"]))
             for entry in commands}
    return sorted(path.relative_to(TOP) for path in found
                  if path.is_relative_to(TOP) and
                  str(path.relative_to(TOP).parent) in DIRECTORIES)


def said(*words):
    """What a program that found something says of it; nothing if it did not."""
    done = subprocess.run(words, cwd=TOP, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    return done.stdout or f"status {done.returncode}" if done.returncode else ""


def checks(build, files):
    """(title, program, arguments) of each."""
    yield "cppcheck", "cppcheck", (
        *CPPCHECK, f"-j{os.cpu_count()}", *(files or DIRECTORIES))
    for file in files or sources(build):
        yield f"clang-tidy {file}", "clang-tidy", ("-p", build, "--quiet", file)


def verdict(check):
    """The TAP line without its number, and what was found."""
    title, program, arguments = check
    if not shutil.which(program):
        return f"ok - {title} # SKIP no {program}", ""
    found = said(program, *arguments)
    return f"{'not ' if found else ''}ok - {title}", found


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build = pathlib.Path(sys.argv[1]).resolve()
    files = [pathlib.Path(file).resolve().relative_to(TOP)
             for file in sys.argv[2:]]
    every = list(checks(build, files))
    failures = 0
    print(f"1..{len(every)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (line, found) in enumerate(pool.map(verdict, every), 1):
            failures += line.startswith("not ok")
            print(line.replace("ok -", f"ok {number} -", 1), flush=True)
            print(found, end="", file=sys.stderr, flush=True)
    return failures != 0


sys.exit(main())
