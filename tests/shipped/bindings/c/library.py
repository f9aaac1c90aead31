# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the header and the exported names of the C binding, and a program
that is built against an installed copy. Prints TAP."""
import argparse
import pathlib
import re
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "support"))
import tap  # noqa: E402
from command import run  # noqa: E402
from installed import Installed, make_root  # noqa: E402
from tap import Failure  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
STANDARDS = [("gcc", "c", "c89"), ("gcc", "c", "c99"), ("gcc", "c", "c17"),
             ("clang", "c", "c89"), ("clang", "c", "c17"),
             ("g++", "c++", "c++98"), ("g++", "c++", "c++20"),
             ("clang++", "c++", "c++98"), ("clang++", "c++", "c++20")]


def expect_same(what, found, expected):
    if found != expected:
        raise Failure(f"{what}: {found!r}, not {expected!r}")


def header_compiles_alone(installed, compiler, language, standard):
    run(compiler, f"-std={standard}", "-pedantic", "-Wall", "-Wextra",
        "-Werror", "-fsyntax-only", "-x", language, "-include",
        header(installed), "/dev/null")


def header(installed):
    return installed.include / "mdev.h"


def prototypes(installed):
    """Returns the result, name and parameters of each function of the header.
    """
    text = re.sub(r"/\*.*?\*/", "", header(installed).read_text(), flags=re.S)
    for result, name, words in re.findall(
            r"^([a-z][\w ]*\*?) (mdev_\w+)\(([^;]*?)\);", text, flags=re.M):
        yield result, name, [" ".join(word.split())
                             for word in words.split(",")]


def functions(installed):
    return sorted(name for _, name, _ in prototypes(installed))


def exported(installed):
    names = run("nm", "-D", "--defined-only", "--format=posix",
                installed.library / "libmdev-c.so").splitlines()
    return sorted(words[0].split("@")[0] for words in map(str.split, names)
                  if words[1] != "A")


def only_the_header_is_exported(installed):
    declared = functions(installed)
    found = exported(installed)
    if not declared or declared != found:
        raise Failure("declared or exported only: " +
                      " ".join(sorted(set(declared) ^ set(found))))


def the_prototype_shows_whether_to_free_a_handle(installed):
    """A function that gives a handle stores it in its last argument, and the
    handle's class has a free function. A function that lends a handle stores a
    pointer to const."""
    declared = functions(installed)
    wrong = []
    for result, name, words in prototypes(installed):
        given = [at for at, word in enumerate(words) if "**" in word]
        lent = result.endswith("*")
        if given not in ([], [len(words) - 1]) or given and lent or \
                lent and not result.startswith("const "):
            wrong.append(name)
        wrong += [name for at in given if "const " in words[at] or
                  words[at].split("**")[0] + "_free" not in declared]
    if wrong:
        raise Failure("neither given nor lent: " + " ".join(wrong))


def every_function_is_documented(installed):
    text = header(installed).read_text()
    documented = re.findall(
        r"\*/\n(?:[a-z][\w \*]*\b|typedef [\w \*]*\(\*)(mdev_\w+)\)?\(", text)
    missing = sorted(set(functions(installed)) - set(documented))
    if missing:
        raise Failure("undocumented: " + " ".join(missing))


def every_function_is_tested(installed):
    called = set(re.findall(r"\bmdev_\w+", "\n".join(
        file.read_text() for file in HERE.glob("test_*.c"))))
    missing = sorted(set(functions(installed)) - called)
    if missing:
        raise Failure("not tested: " + " ".join(missing))


def the_library_has_its_soname_and_protections(installed):
    said = run("readelf", "-d", installed.library / "libmdev-c.so")
    expect_same("soname", re.findall(r"SONAME.*\[(.*)\]", said),
                ["libmdev-c.so.0"])
    if "libmdev.so.0" not in re.findall(r"NEEDED.*\[(.*)\]", said):
        raise Failure("the binding does not need libmdev.so.0:\n" + said)
    for word in ("BIND_NOW", "GNU_RELRO"):
        if word not in run("readelf", "-dlW",
                           installed.library / "libmdev-c.so"):
            raise Failure("no " + word)


def a_c_program_need_not_name_libmdev(installed):
    linked = [word for word in installed.pkg_config("--libs")
              if word.startswith("-l")]
    expect_same("libraries", linked, ["-lmdev-c"])
    required = installed.pkg_config("--print-requires-private")
    expect_same("required privately", required, ["libmdev"])


def consumer(installed, root, compiler, link):
    scratch = root.parent
    program = scratch / "consumer"
    source = scratch / "consumer.c"
    shutil.copy(HERE / "consumer.c", source)
    run(compiler, "-std=c89", "-pedantic", "-Wall", "-Werror", source, "-o",
        program, *(["-static"] if link else []),
        *installed.pkg_config("--cflags", "--libs", *link),
        env=installed.environment)
    output = run(program, root, env=installed.environment)
    expect_same("the consumer's output", output, "P T 4\n")


def checks(installed, scratch):
    for compiler, language, standard in STANDARDS:
        if shutil.which(compiler):
            yield (f"the header compiles alone, {compiler} {standard}",
                   lambda c=compiler, l=language, s=standard:
                   header_compiles_alone(installed, c, l, s))
    for check in (only_the_header_is_exported,
                  the_prototype_shows_whether_to_free_a_handle,
                  every_function_is_documented,
                  every_function_is_tested, the_library_has_its_soname_and_protections,
                  a_c_program_need_not_name_libmdev):
        yield tap.title_of(check), lambda c=check: c(installed)
    root = make_root(scratch / "root")
    for compiler in filter(shutil.which, ("gcc", "clang")):
        for name, link in (("shared", []), ("static", ["--static"])):
            yield (f"a consumer runs on the {name} library, {compiler}",
                   lambda c=compiler, l=link:
                   consumer(installed, root, c, l))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    build = parser.parse_args().build
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        installed = Installed(build, scratch / "installed", "libmdev-c")
        return tap.run(checks(installed, scratch))


sys.exit(main())
