# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs static analysis: cppcheck on the installed sources, on request also
clang-tidy with the checks of .clang-tidy, and shellcheck on the tests' shell
scripts. A finding is a failure. Takes a build directory, for its
compile_commands.json, and prints TAP."""
import argparse
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tap  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[2]
DIRECTORIES = ("libmdev/src", "mdevctl", "bindings/c")
# cppcheck attributes exceptions of a lambda to the function around it. The
# compiler and clang-tidy do not.
CPPCHECK = (
    "--enable=warning,performance,portability", "--error-exitcode=1",
    "--suppress=throwInNoexceptFunction", "--inline-suppr", "--quiet",
    "--std=c++20", "--language=c++", "--library=posix", "-DMDEV_API=",
    '-DMDEV_SCRIPT_DIRECTORY="/"', "-Ilibmdev/include", "-Ibindings/c/include")


def sources(build):
    """Returns the sources that the build compiles in the directories, relative
    to the top."""
    commands = json.loads((build / "compile_commands.json").read_text())
    found = {pathlib.Path(os.path.normpath(build / entry["file"]))
             for entry in commands}
    return sorted(path.relative_to(TOP) for path in found
                  if any(path.is_relative_to(TOP / directory)
                         for directory in DIRECTORIES))


def scripts():
    tests = TOP / "tests"
    guest = tests / "kernel/vm/guest"
    return sorted({*tests.rglob("*.sh"), *guest.iterdir()})


def said(*words):
    """Returns the output of a program that has findings; nothing if it has
    none."""
    done = subprocess.run(words, cwd=TOP, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    return done.stdout or f"status {done.returncode}" if done.returncode else ""


def checks(build, files, has_tidy):
    """Returns (title, program, arguments) of each check."""
    yield "cppcheck", "cppcheck", (
        *CPPCHECK, f"-j{os.cpu_count()}", *(files or DIRECTORIES))
    if not files:
        yield "shellcheck", "shellcheck", (
            "--shell=sh", "--external-sources", *scripts())
    for file in (files or sources(build)) if has_tidy else ():
        yield f"clang-tidy {file}", "clang-tidy", ("-p", build, "--quiet", file)


def finds_nothing(program, arguments):
    if not shutil.which(program):
        raise tap.Skip(f"no {program}")
    found = said(program, *arguments)
    tap.expect(not found, found)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("files", nargs="*", type=pathlib.Path,
                        help="the sources to analyze; all by default")
    parser.add_argument("--clang-tidy", action="store_true",
                        help="also run clang-tidy, which takes minutes")
    given = parser.parse_args()
    files = [file.resolve().relative_to(TOP) for file in given.files]
    return tap.run(
        [(title, functools.partial(finds_nothing, program, arguments))
         for title, program, arguments in checks(
             given.build.resolve(), files, given.clang_tidy)],
        os.cpu_count())


sys.exit(main())
