# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the library's ABI with the ABI of the last release. Also checks on
broken copies that the comparison finds a break. Before the first release, only
the copies are checked. Prints TAP.

compare.py --source DIRECTORY --build DIRECTORY --library FILE
"""
import argparse
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from command import run  # noqa: E402
from tap import Failure, Skip  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# The part of the library that the copies break. It is small, so it compiles
# fast.
PART = ["model/event.cpp", "model/monitor.cpp"]
# The breaks that abidiff must find, and how to make them: file, old text, new
# text.
PLANTS = [
    ("a renumbered enumerator", [
        ("include/mdev/monitor.hpp", "    overflow = 8,", "    overflow = 9,")]),
    ("a changed result", [
        ("include/mdev/monitor.hpp", "int descriptor()", "long descriptor()"),
        ("src/model/monitor.cpp", "int Monitor::descriptor()",
         "long Monitor::descriptor()")]),
    ("a changed parameter", [
        ("include/mdev/monitor.hpp", "explicit Monitor(const Environment& env)",
         "explicit Monitor(Environment env)"),
        ("src/model/monitor.cpp", "Monitor::Monitor(const Environment& env)",
         "Monitor::Monitor(Environment env)")]),
    ("a class with more members than its pointer", [
        ("include/mdev/monitor.hpp", "    std::shared_ptr<Impl> impl_;",
         "    std::shared_ptr<Impl> impl_;\n    int cache_ = 0;")]),
    ("a grown Uuid", [
        ("include/mdev/uuid.hpp", "16> bytes_;",
         "16> bytes_;\n    std::uint32_t version_ = 0;")]),
]


class Git:
    """The older library."""

    def __init__(self, source):
        self.source = source

    def ask(self, *words):
        """Returns the output of git, or nothing."""
        try:
            return run("git", "-C", self.source, *words).strip()
        except (Failure, OSError):
            return None

    def baseline(self):
        """Returns the commit to compare with, and its description."""
        top = self.ask("rev-parse", "--show-toplevel")
        if not top or pathlib.Path(top).resolve() != self.source:
            raise Skip("this is not a checkout")
        changed = self.ask("status", "--porcelain", "--", "libmdev")
        before = "HEAD" if changed else "HEAD~1"
        tag = self.ask("describe", "--tags", "--abbrev=0", before)
        if tag:
            return tag, f"the release {tag}"
        raise Skip("nothing has been released yet")

    def has_changed(self, commit):
        """Returns whether the library, and so perhaps its ABI, has changed
        since the commit."""
        return self.ask("diff", "--quiet", commit, "--", "libmdev") is None

    def export(self, commit, directory):
        directory.mkdir()
        archive = directory / "tree.tar"
        run("git", "-C", self.source, "archive", "-o", archive, commit)
        run("tar", "xf", archive, "-C", directory)


class Commands:
    """Returns how the build compiles each file of the library."""

    def __init__(self, source, build):
        self.by_name = {}
        for entry in json.loads((build / "compile_commands.json").read_text()):
            path = pathlib.Path(entry["directory"], entry["file"]).resolve()
            if path.is_relative_to(source / "libmdev/src"):
                self.by_name[str(path.relative_to(
                    source / "libmdev/src"))] = entry

    def words(self, name):
        """Returns the compiler, its options, and the directory of the call."""
        entry = self.by_name.get(name) or next(iter(self.by_name.values()))
        words = shlex.split(entry["command"])
        words = words[:words.index("-MD" if "-MD" in words else "-o")]
        first = next(i for i, word in enumerate(words) if word[0] == "-")
        return words[:first], words[first:], entry["directory"]


class Sources:
    """Sources of the library, of which a part is built without the functions
    that it calls. Only the types matter, so this is fast."""

    def __init__(self, directory, commands):
        self.directory = directory
        self.commands = commands

    def compile(self, name, library):
        compiler, options, place = self.commands.words(name)
        file = library.with_suffix(f".{name.replace('/', '-')}.o")
        rooms = sorted((self.directory / "src").iterdir())
        run(*compiler, f"-I{self.headers}", *[f"-I{room}" for room in rooms],
            *options, "-O0", "-g", "-fPIC",
            "-w", "-c", self.directory / "src" / name, "-o", file, cwd=place)
        return file

    def build(self, names, library, soname="part"):
        files = [self.compile(name, library) for name in names]
        compiler, _, _ = self.commands.words(names[0])
        run(*compiler, "-shared", "-Wl,-z,lazy", f"-Wl,-soname,{soname}",
            f"-Wl,--version-script={self.directory / 'libmdev.map'}", *files,
            "-o", library)
        return library

    def exporting(self):
        """Returns the files that define a part of the ABI."""
        sources = self.directory / "src"
        return sorted(str(path.relative_to(sources))
                      for path in sources.rglob("*.cpp")
                      if "MDEV_API" in path.read_text())

    @property
    def headers(self):
        return self.directory / "include"

    def change(self, file, old, new):
        path = self.directory / file
        text = path.read_text()
        if text.count(old) != 1:
            raise Failure(f"{old!r} is not in {file} once, so that it cannot "
                          "be broken")
        path.write_text(text.replace(old, new))


def differences(old_library, old_headers, new_library, new_headers):
    """Returns abidiff's status and output. The option --no-show-locs would
    hide breaks, so it is not used."""
    done = subprocess.run(
        ["abidiff", "--headers-dir1", old_headers, "--headers-dir2",
         new_headers, "--no-added-syms", "--suppressions", HERE / "abi.suppr",
         old_library, new_library], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


def soversion(text):
    return re.search(r"^libmdev_soversion = '(\d+)'", text, re.M)[1]


class Comparison:
    """The present library, and the library that it is compared with."""

    def __init__(self, given, scratch):
        self.git = Git(given.source)
        self.given = given
        self.scratch = scratch
        self.commands = Commands(given.source, given.build)
        self.headers = given.source / "libmdev/include"
        shutil.copytree(given.source / "libmdev", scratch / "copy")
        self.copy = Sources(scratch / "copy", self.commands)
        self.part = self.copy.build(PART, scratch / "part.so")

    def with_baseline(self):
        commit, title = self.git.baseline()
        if not self.git.has_changed(commit):
            return
        if ".debug_info" not in run("readelf", "-SW", self.given.library):
            raise Skip("the library is built without debug information")
        tree = self.scratch / "before"
        self.git.export(commit, tree)
        now, then = (soversion((top / "meson.build").read_text())
                     for top in (self.given.source, tree))
        if now != then:
            raise Skip(f"{title} has another soname, that of {then}")
        before = Sources(tree / "libmdev", self.commands)
        library = before.build(before.exporting(), self.scratch / "before.so",
                               self.given.library.name)
        status, text = differences(
            library, before.headers, self.given.library, self.headers)
        if status != 0:
            raise Failure(f"compared with {title}:\n{text}")

    def with_itself(self):
        status, text = differences(self.part, self.headers, self.copy.build(
            PART, self.scratch / "again.so"), self.copy.headers)
        if status != 0:
            raise Failure(text)

    def with_broken(self, plant):
        for file, old, new in plant:
            self.copy.change(file, old, new)
        try:
            status, _ = differences(
                self.part, self.headers,
                self.copy.build(PART, self.scratch / "broken.so"),
                self.copy.headers)
            if status & 4 == 0 or status & 3 != 0:
                raise Failure(f"abidiff returns {status}")
        finally:
            for file, old, new in plant:
                self.copy.change(file, new, old)


def checks(comparison):
    yield "the library does not differ from itself", comparison.with_itself
    for title, plant in PLANTS:
        yield (f"abidiff finds {title}",
               lambda p=plant: comparison.with_broken(p))
    yield "no program has to be built again", comparison.with_baseline


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("source", "build", "library"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    given = parser.parse_args()
    for name in ("source", "build", "library"):
        setattr(given, name, getattr(given, name).resolve())
    if not shutil.which("abidiff"):
        tap.skip_all("there is no abidiff")
    with tempfile.TemporaryDirectory() as name:
        comparison = Comparison(given, pathlib.Path(name))
        return tap.run(checks(comparison))


sys.exit(main())
