# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds programs outside the tree that use an installed copy of the library,
or have the library as a part of their own build. Prints TAP.

run.py --source DIRECTORY --build DIRECTORY
"""
import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from command import run  # noqa: E402
from installed import Installed, make_root  # noqa: E402
from tap import Failure, Skip  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
C_CONSUMER = HERE.parent / "bindings/c/consumer.c"
OUTPUT = """P T 4
1 events
0 devices, 0 definitions, no scripts
caught
"""
VERSIONS = """cmake_minimum_required(VERSION 3.16)
project(versions LANGUAGES C)
foreach(package libmdev libmdev-c)
  foreach(version 99 2.99)
    find_package(${package} ${version} QUIET)
    if(${package}_FOUND)
      message(FATAL_ERROR "${package} ${version} is found")
    elseif(NOT ${package}_CONSIDERED_VERSIONS)
      message(FATAL_ERROR "no ${package} is looked at")
    endif()
  endforeach()
endforeach()
"""
C_OUTPUT = "P T 4\n"


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"there is no {program}")


class Bench:
    """An installed copy, and a system that the consumers read."""

    def __init__(self, given, scratch):
        self.source = given.source.resolve()
        self.scratch = scratch
        self.installed = Installed(given.build, scratch / "installed")
        self.prefix = self.installed.include.parent
        self.environment = self.installed.environment
        self.root = make_root(scratch / "root")

    def directory(self, template=None):
        """Makes a new directory with the consumer."""
        directory = pathlib.Path(tempfile.mkdtemp(dir=self.scratch))
        if template:
            shutil.copytree(HERE / template, directory, dirs_exist_ok=True)
        for consumer in (HERE / "consumer.cpp", C_CONSUMER):
            shutil.copy(consumer, directory)
        return directory

    def check(self, program, environment=None, expected=OUTPUT):
        output = run(program, self.root,
                     env=environment or self.environment)
        if output != expected:
            raise Failure(f"{program} prints {output!r}")


def pkg_config(bench, compiler, options):
    need(compiler, "pkg-config")
    directory = bench.directory()
    flags = bench.installed.pkg_config("--cflags", "--libs", *options)
    run(compiler, "-std=c++17", "-pedantic-errors", "-Wall", "-Wextra",
        "-Werror", directory / "consumer.cpp", "-o", directory / "consumer",
        *flags, *(["-static"] if options else []))
    bench.check(directory / "consumer")


def cmake(bench, compiler, options, programs, template="cmake",
          expected=OUTPUT):
    need(compiler, "cmake", "make")
    directory = bench.directory(template)
    run("cmake", "-S", directory, "-B", directory / "build",
        "-G", "Unix Makefiles", "-DCMAKE_BUILD_TYPE=Debug",
        f"-DCMAKE_PREFIX_PATH={bench.prefix}", *options, env=bench.environment)
    run("cmake", "--build", directory / "build", env=bench.environment)
    for program in programs:
        bench.check(directory / "build" / program, expected=expected)


def cmake_of_c(bench, compiler):
    cmake(bench, compiler, [f"-DCMAKE_C_COMPILER={compiler}"],
          ["consumer", "consumer-static"], "cmake-c", C_OUTPUT)


def cmake_refuses(bench):
    """Refuses a version that the library does not have."""
    need("cmake", "make")
    directory = bench.directory()
    (directory / "CMakeLists.txt").write_text(VERSIONS)
    run("cmake", "-S", directory, "-B", directory / "build", "-G",
        "Unix Makefiles", f"-DCMAKE_PREFIX_PATH={bench.prefix}")


def subproject(bench):
    need("g++")
    directory = bench.directory("meson")
    (directory / "subprojects").mkdir()
    (directory / "subprojects/mdevctl").symlink_to(bench.source)
    environment = dict(os.environ, CXX="g++")
    for name in ("PKG_CONFIG_PATH", "LD_LIBRARY_PATH"):
        environment.pop(name, None)
    run("meson", "setup", "--buildtype=plain", directory / "build", directory,
        env=environment)
    run("meson", "compile", "-C", directory / "build", "consumer",
        "c-consumer", env=environment)
    bench.check(directory / "build/consumer", environment)
    bench.check(directory / "build/c-consumer", environment, C_OUTPUT)
    targets = json.loads(run("meson", "introspect", "--targets",
                             directory / "build"))
    programs = [target["name"] for target in targets
                if target["type"] == "executable"]
    if sorted(programs) != ["c-consumer", "consumer"]:
        raise Failure(f"a subproject has programs of its own: {programs}")


def library_only(bench):
    """Builds the libraries without the program."""
    directory = bench.directory()
    run("meson", "setup", "--buildtype=plain", "-Dprogram=disabled",
        directory / "build", bench.source, env=dict(os.environ, CXX="g++"))
    targets = json.loads(run("meson", "introspect", "--targets",
                             directory / "build"))
    programs = [target["name"] for target in targets
                if target["type"] == "executable"]
    if programs:
        raise Failure(f"the build has programs: {programs}")
    if not {"mdev", "mdev-c"} <= {target["name"] for target in targets}:
        raise Failure("the build has no libraries")


def checks(bench):
    for compiler in ("g++", "clang++"):
        yield (f"pkg-config and {compiler}",
               lambda c=compiler: pkg_config(bench, c, []))
        yield (f"pkg-config --static and {compiler}",
               lambda c=compiler: pkg_config(bench, c, ["--static"]))
        yield (f"find_package in CMake and {compiler}, shared and static",
               lambda c=compiler: cmake(
                   bench, c, [f"-DCMAKE_CXX_COMPILER={c}"],
                   ["consumer", "consumer-static"]))
        yield (f"pkg_check_modules in CMake and {compiler}",
               lambda c=compiler: cmake(
                   bench, c, [f"-DCMAKE_CXX_COMPILER={c}",
                              "-DWITH_PKG_CONFIG=ON"], ["consumer"]))
    for compiler in ("gcc", "clang"):
        yield (f"find_package in CMake and {compiler}, the library for C",
               lambda c=compiler: cmake_of_c(bench, c))
    yield ("find_package refuses other versions",
           lambda: cmake_refuses(bench))
    yield "a subproject in meson", lambda: subproject(bench)
    yield "a build of the libraries only", lambda: library_only(bench)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        return tap.run(checks(Bench(given, pathlib.Path(name))))


sys.exit(main())
