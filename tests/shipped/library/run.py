# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library as others see it: its headers, its exported names, and a
program that is built against an installed copy. Prints TAP."""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from tap import Failure  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


def run(*words, **options):
    done = subprocess.run(
        [str(word) for word in words], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, words))}\n{done.stdout}")
    return done.stdout


def compilers():
    return [name for name in ("g++", "clang++") if shutil.which(name)]


class Installed:
    """The build, installed into a directory of its own."""

    def __init__(self, build, directory):
        self.directory = directory
        run("meson", "install", "-C", build, "--no-rebuild", "--quiet",
            "--destdir", directory)
        pc = next(directory.rglob("libmdev.pc"))
        self.library = pc.parent.parent
        self.include = next(directory.rglob("mdev.hpp")).parent.parent
        self.environment = dict(
            os.environ, PKG_CONFIG_PATH=str(pc.parent),
            PKG_CONFIG_SYSROOT_DIR=str(directory))

    def flags(self, *options):
        return run("pkg-config", *options, "libmdev",
                   env=self.environment).split()


def headers_compile_alone(installed, compiler, standard):
    for header in sorted((installed.include / "mdev").glob("*.hpp")):
        run(compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic",
            "-Werror", "-fsyntax-only", f"-I{installed.include}", "-include",
            header, "-x", "c++", "/dev/null")


def headers_need_no_boost(installed):
    for header in (installed.include / "mdev").glob("*.hpp"):
        used = run("g++", "-std=c++17", "-M", f"-I{installed.include}", "-x",
                   "c++", header)
        if "boost/" in used:
            raise Failure(f"{header} includes Boost")


def consumer(installed, scratch, link):
    program = scratch / "consumer"
    run("g++", "-std=c++17", HERE / "consumer.cpp", "-o", program,
        *installed.flags("--cflags", "--libs", *link),
        *(["-static"] if link else []))
    types = scratch / "root/sys/class/mdev_bus/P/mdev_supported_types/T"
    types.mkdir(parents=True, exist_ok=True)
    (types / "available_instances").write_text("4\n")
    (types / "device_api").write_text("vfio-pci\n")
    output = run(program, scratch / "root",
                 env=dict(os.environ, LD_LIBRARY_PATH=str(installed.library)))
    if output != "P T 4\n":
        raise Failure(f"the consumer printed {output!r}")


def only_the_api_is_exported(installed):
    api = re.compile(
        r"(mdev::|(typeinfo|typeinfo name|vtable) for mdev::)|LIBMDEV_\d+$")
    names = run("nm", "-D", "--defined-only", "-C",
                installed.library / "libmdev.so")
    for line in names.splitlines():
        if not api.match(line.split(maxsplit=2)[2].split("@@")[0]):
            raise Failure(f"exported: {line}")


def api_needs_no_boost_at_run_time(installed):
    needed = run("readelf", "-d", installed.library / "libmdev.so")
    if "boost" in needed:
        raise Failure(needed)


def checks(installed, scratch):
    for compiler in compilers():
        standards = ["c++17", "c++20",
                     "c++23" if compiler == "g++" else "c++2b"]
        for standard in standards:
            yield (f"headers compile alone, {compiler} {standard}",
                   lambda c=compiler, s=standard:
                   headers_compile_alone(installed, c, s))
    yield ("headers need no Boost", lambda: headers_need_no_boost(installed))
    yield ("a pkg-config consumer runs on the shared library",
           lambda: consumer(installed, scratch, []))
    yield ("a pkg-config consumer runs on the static library",
           lambda: consumer(installed, scratch, ["--static"]))
    yield ("nothing but the API is exported",
           lambda: only_the_api_is_exported(installed))
    yield ("the shared library needs no Boost library",
           lambda: api_needs_no_boost_at_run_time(installed))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    build = parser.parse_args().build
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        installed = Installed(build, scratch / "installed")
        return tap.run(checks(installed, scratch))


sys.exit(main())
