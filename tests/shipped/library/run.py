# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the headers and the exported names of the library, in an installed
copy. Prints TAP."""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from command import run  # noqa: E402
from installed import Installed  # noqa: E402
from tap import Failure  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# Examples in the comments of headers, and the names that they use.
EXAMPLE = re.compile(r"(?:^///     .*\n)+", re.M)
AROUND = """#include <mdev/mdev.hpp>
using namespace mdev;
void example(const Environment& env, const Manager& manager,
    const JsonSink& sink)
{
    (void)env, (void)manager, (void)sink;
    %s;
}
"""


def compilers():
    return [name for name in ("g++", "clang++") if shutil.which(name)]


def headers_compile_alone(installed, compiler, standard):
    for header in sorted((installed.include / "mdev").glob("*.hpp")):
        run(compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic",
            "-Werror", "-fsyntax-only", f"-I{installed.include}", "-include",
            header, "-x", "c++", "/dev/null")


def examples_of_headers_compile(installed, compiler):
    found = [example for header in (installed.include / "mdev").glob("*.hpp")
             for example in EXAMPLE.findall(header.read_text())]
    if not found:
        raise Failure("no header has an example")
    for example in found:
        source = AROUND % re.sub(r"^/// *", "", example, flags=re.M)
        done = subprocess.run(
            [compiler, "-std=c++17", "-fsyntax-only",
             f"-I{installed.include}", "-x", "c++", "-"], text=True,
            check=False, input=source, stderr=subprocess.PIPE)
        if done.returncode:
            raise Failure(f"{example}{done.stderr}")


def headers_refuse(installed, compiler, macro):
    """A mode in which programs would link, and crash."""
    options = ["-std=c++17", "-fsyntax-only", f"-I{installed.include}", "-x",
               "c++", "-"]
    for given, is_refused in (([], False), ([f"-D{macro}"], True)):
        done = subprocess.run(
            [compiler, *given, *options], text=True, check=False,
            input="#include <mdev/uuid.hpp>\n", stderr=subprocess.PIPE)
        reason = f"libmdev cannot be used with {macro}"
        if (reason in done.stderr) != is_refused:
            raise Failure(f"{given}: {done.stderr}")


def pkg_config_names_directories(installed):
    ends = {"calloutdir": "/scripts.d/callouts",
            "notifierdir": "/scripts.d/notifiers",
            "configdir": "/etc/mdevctl.d"}
    for name, end in ends.items():
        found = installed.pkg_config(f"--variable={name}")
        if len(found) != 1 or not found[0].endswith(end):
            raise Failure(f"{name} is {found}")


def headers_need_no_boost(installed):
    for header in (installed.include / "mdev").glob("*.hpp"):
        used = run("g++", "-std=c++17", "-M", f"-I{installed.include}", "-x",
                   "c++", header)
        if "boost/" in used:
            raise Failure(f"{header} includes Boost")


def only_the_api_is_exported(installed):
    api = re.compile(
        r"(mdev::|(typeinfo|typeinfo name|vtable) for mdev::)|LIBMDEV_[\d.]+$")
    names = run("nm", "-D", "--defined-only", "-C",
                installed.library / "libmdev.so")
    for line in names.splitlines():
        if not api.match(line.split(maxsplit=2)[2].split("@@")[0]):
            raise Failure(f"exported: {line}")


def api_needs_no_boost_at_run_time(installed):
    needed = run("readelf", "-d", installed.library / "libmdev.so")
    # Since Boost 1.88, Boost.Process is a library.
    if "boost" in needed.replace("libboost_process", ""):
        raise Failure(needed)


def checks(installed):
    for compiler in compilers():
        standards = ["c++17", "c++20",
                     "c++23" if compiler == "g++" else "c++2b"]
        for standard in standards:
            yield (f"headers compile alone, {compiler} {standard}",
                   lambda c=compiler, s=standard:
                   headers_compile_alone(installed, c, s))
        yield (f"examples of headers compile, {compiler}",
               lambda c=compiler: examples_of_headers_compile(installed, c))
        for macro in ("_GLIBCXX_DEBUG", "_GLIBCXX_USE_CXX11_ABI=0"):
            yield (f"headers refuse {macro}, {compiler}",
                   lambda c=compiler, m=macro: headers_refuse(installed, c, m))
    yield ("pkg-config has the directories of scripts and definitions",
           lambda: pkg_config_names_directories(installed))
    yield ("headers need no Boost", lambda: headers_need_no_boost(installed))
    yield ("only the API is exported",
           lambda: only_the_api_is_exported(installed))
    yield ("the shared library needs no Boost library but Boost.Process",
           lambda: api_needs_no_boost_at_run_time(installed))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    build = parser.parse_args().build
    with tempfile.TemporaryDirectory() as name:
        return tap.run(checks(Installed(build, pathlib.Path(name))))


sys.exit(main())
