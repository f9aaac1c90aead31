# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the manual with the program: commands, options, exit status and
environment in `--help`, in the pages and in the completions are the same. The
examples of `--help` succeed, and those of the pages have the output on the
pages. Prints TAP."""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from tap import Failure  # noqa: E402

LIMIT = 600  # seconds for an example, never reached
PARENTS = ("--parent", "mtty=mtty")
# Options in manual pages only, which administrators should not need.
NOT_IN_HELP = {"MDEVCTL_ENV_ROOT", "MDEVCTL_LOCKED_ROOT"}
# The sections in which the main page describes common options.
COMMON = ("COMMON OPTIONS", "Which device", "How a change is made",
          "How a list is printed")
# Sections of the main page whose commands do not form a session with "#".
PASTED = {
    "QUICK START": "quick_start_holds pastes them",
    "AUTOMATIC START": "needs systemd: tests/kernel/vm starts the unit",
    "VIRTUAL FUNCTIONS": "function_holds runs them",
}
# Commands to run before an example of `--help`. UUID is defined and has an
# attribute; the other examples create their devices.
BEFORE = {
    "mdevctl define -u UUID": "mdevctl start UUID; mdevctl undefine -u UUID",
    "mdevctl stop UUID": "mdevctl start UUID",
    "mdevctl apply host.json --dry-run": "mdevctl export >host.json",
    "mdevctl diff host.json": "mdevctl export >host.json",
}
EXAMPLE_UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
OPTION = re.compile(r"(?:-(\w), )?--([\w-]+)(?: ([A-Z]+))?(?=  |$)")


def equal(what, one, other):
    if not one:
        raise Failure(f"{what}: nothing to compare")
    if one != other:
        raise Failure(f"{what}:\n  {one}\n  {other}")


def options_in(lines):
    """Returns each option's letter, name and value, sorted."""
    found = [OPTION.match(line.strip()) for line in lines
             if line.strip().startswith("-")]
    return sorted(match.groups(default="") for match in found if match)


class Page:
    """A manual page in reStructuredText."""

    def __init__(self, path):
        self.name = path.name
        self.text = path.read_text()
        lines = self.text.splitlines()
        self.sections = {}
        title = ""
        for line, below in zip(lines, lines[1:] + [""]):
            if re.fullmatch(r"(=+|-+)", below) and len(below) >= len(line) > 0:
                title = line
            self.sections.setdefault(title, []).append(line)

    def options(self, *sections):
        return options_in(line for section in sections
                          for line in self.sections.get(section, [])
                          if line.startswith("-") and line.strip("-"))

    def common_options(self, section):
        """Returns the options that a section only lists; COMMON describes
        them."""
        named = re.search(r"^Common options: (.*?)(?:\n\n|\Z)",
                          "\n".join(self.sections.get(section, [])),
                          re.M | re.S)
        described = {"-" + letter if letter else "--" + name:
                     (letter, name, value) for letter, name, value
                     in self.options(*COMMON)}
        # Parentheses contain the meaning of an option for this command.
        words = re.findall(r"\*\*(-[\w-]+)\*\*",
                           re.sub(r"\(.*?\)", "", named[1], flags=re.S)
                           if named else "")
        missing = [word for word in words if word not in described]
        if missing:
            raise Failure(f"{section} names {missing} as common options")
        return [described[word] for word in words]

    def examples(self, *sections):
        """Returns the blocks of examples, without their indentation: of the
        whole page or of some sections."""
        blocks, inside = [], False
        for line in [line for section in sections or self.sections
                     for line in self.sections.get(section, [])]:
            if inside and (line.startswith("    ") or not line):
                blocks[-1].append(line[4:])
            else:
                inside = False
            if line.endswith("::"):
                inside = True
                blocks.append([])
        return ["\n".join(block).strip("\n") + "\n" for block in blocks]


def rows(text, title):
    """Returns a section of `--help`: the left sides of its rows, and the rest.
    """
    section = text.split(f"\n{title}:\n")[1].split("\n\n")[0]
    found = {}
    for line in section.splitlines():
        left, _, right = line.strip().partition("  ")
        if line.startswith("   "):
            found[last] += " " + line.strip()
        else:
            last = left
            found[last] = right.strip()
    return found


class Program:
    """mdevctl, run like a user runs it."""

    def __init__(self, path):
        self.path = path
        self.help = self.says("--help")

    def says(self, *words):
        return subprocess.run(
            [self.path, *words], check=True, stdout=subprocess.PIPE, text=True,
            env={"MDEVCTL_ENV_ROOT": "/nonexistent"}).stdout

    def commands(self):
        return set(rows(self.help, "Commands"))

    def options(self, command):
        lines = self.says(command, "--help").split("\nOptions:\n")[1]
        return options_in(line for line in lines.splitlines()
                          if re.match(r" {2,6}-", line))

    def completions(self, *words):
        lines = self.says("complete", *words).splitlines()
        return {line.split("\t")[0] for line in lines}


def commands_are_equal(program, page):
    # One command is for systemd and udev, and --help does not list it.
    wanted = program.commands() | {"start-parent-mdevs"}
    equal("commands of the synopsis", sorted(wanted), sorted(re.findall(
        r"\*\*mdevctl ([\w-]+)\*\*", "\n".join(page.sections["SYNOPSIS"]))))
    # `help` and `version` have no section.
    equal("commands", sorted(wanted - {"help", "version"}),
          sorted(title for title in page.sections
                 if f"**mdevctl {title}**" in page.text))
    equal("completed commands", sorted(program.commands()),
          sorted(program.completions("mdevctl", "")))


def options_are_equal(program, page):
    for command in program.commands() - {"help", "version"} | \
            {"start-parent-mdevs"}:
        wanted = program.options(command)
        equal(f"options of {command}", wanted,
              sorted(page.options(command) + page.common_options(command) +
                     [("h", "help", "")]))
        equal(f"completed options of {command}",
              sorted("--" + name for _, name, _ in wanted),
              sorted(program.completions("mdevctl", command, "--")))


def lsmdev_is_list(program, page):
    equal("options of lsmdev",
          sorted(program.options("list")),
          page.options("OPTIONS"))
    equal("completed options of lsmdev",
          sorted("--" + name for _, name, _ in page.options("OPTIONS")),
          sorted(program.completions("lsmdev", "--")))


def global_options_are_equal(program, page):
    equal("options of the program",
          options_in(rows(program.help, "Options")),
          page.options("OPTIONS"))


def exit_codes_are_equal(program, page):
    in_page = {line.split()[0]: line.split(maxsplit=1)[1]
               for line in page.sections["EXIT STATUS"]
               if re.match(r"\d", line)}
    shown = "\n" + program.says("help", "exit-status")
    equal("exit status", rows(shown, "Exit status"), in_page)


def environment_is_equal(program, page):
    in_page = {line for line in page.sections["ENVIRONMENT"]
               if re.fullmatch("[A-Z_]+", line) and line != "ENVIRONMENT"}
    equal("environment", set(rows(program.help, "Environment")) | NOT_IN_HELP,
          in_page)


def finished(words, root, programs, **options):
    return subprocess.run(
        [str(word) for word in words], cwd=root, timeout=LIMIT, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
        env={"PATH": f"{programs}:/usr/bin:/bin", "LC_ALL": "C",
             "MDEVCTL_ENV_ROOT": str(root), "HOME": str(root)}, **options)


def commands_in(block):
    """Returns each command of a session, with its output."""
    command = output = ""
    for line in block.splitlines(keepends=True):
        continues = command and not output and (
            command.endswith("\\\n") or command.count("'") % 2 == 1)
        if continues:
            command += line
        elif line.startswith("# "):
            if command:
                yield command, output
            command, output = line[2:], ""
        else:
            output += line
    if command:
        yield command, output


def session(page, root):
    """Returns a shell script that prints the page's commands, and runs them."""
    script, shown = ["mkdir -p etc/mdevctl.d work", "cd work", "exec 2>&1"], ""
    for block in page.examples():
        for command, output in commands_in(block):
            command = command.replace("/etc/", f"{root}/etc/")
            # On a terminal the next prompt follows on the same line.
            script.append(command if re.match(r"\w+=", command) else
                          "{ " + command + "} | awk 1")
            shown += output
    return "\n".join(script), shown


def examples_hold(page, given, programs):
    with tempfile.TemporaryDirectory(prefix="mdevctl-manual-") as name:
        root = pathlib.Path(os.path.realpath(name))
        (root / "sys").mkdir()
        script, shown = session(page, root)
        done = finished([given.mdevsim, root / "sys", *PARENTS, "--", "sh",
                         "-c", script], root, programs)
    equal(f"the examples of {page.name}", shown, done.stdout)


def quick_start_holds(page, given, programs):
    """The commands of the page succeed, pasted one after the other."""
    with tempfile.TemporaryDirectory(prefix="mdevctl-manual-") as name:
        root = pathlib.Path(os.path.realpath(name))
        (root / "sys").mkdir()
        (root / "etc/mdevctl.d").mkdir(parents=True)
        script = "set -eu\n" + "".join(page.examples("QUICK START"))
        done = finished([given.mdevsim, root / "sys", *PARENTS, "--", "sh",
                         "-c", script], root, programs)
    if done.returncode != 0 or not done.stdout.endswith(" auto (defined)\n"):
        raise Failure(done.stdout)


def sections_are_run(page):
    """Each section with an indented block is run as a session, or named."""
    for title in page.sections:
        pasted = [block for block in page.examples(title)
                  if not block.startswith("# ")]
        if bool(pasted) != (title in PASTED):
            raise Failure(f"nothing runs the commands of {title}")


def function_holds(page, given, programs):
    """The command for a GPU chooses one of its functions."""
    commands = [block for block in page.examples("VIRTUAL FUNCTIONS")]
    with tempfile.TemporaryDirectory(prefix="mdevctl-manual-") as name:
        root = pathlib.Path(os.path.realpath(name))
        (root / "sys").mkdir()
        script = "set -eu\n" + "".join(commands) + "mdevctl list\n"
        done = finished([given.mdevsim, root / "sys", "--parent",
                         "0000:41:00.0=nvidia-vfio:2", "--", "sh", "-c",
                         script], root, programs)
    if done.returncode or " 0000:41:00.4 nvidia-1148 " not in done.stdout:
        raise Failure(done.stdout)


def help_examples_hold(program, given, programs):
    """Each example of `--help` succeeds, in a system of its own."""
    commands = sorted(program.commands() - {"help", "version"})
    lines = [line.strip() for command in commands for line in
             program.says("help", command).partition(
                 "\nExamples:\n")[2].splitlines() if re.match(r"  \S", line)]
    if not lines:
        raise Failure("no command has an example")
    for line in lines:
        before = (f"mdevctl define -u UUID -p mtty -t mtty-1; mdevctl modify "
                  f"-u UUID --addattr power/control --value on; "
                  f"{BEFORE.get(line, '')}")
        script = "\n".join([
            "mkdir -p etc/mdevctl.d", 'ssh() { shift; "$@"; }', "set -eu",
            before, line])
        with tempfile.TemporaryDirectory(prefix="mdevctl-manual-") as name:
            root = pathlib.Path(os.path.realpath(name))
            (root / "sys").mkdir()
            done = finished(
                [given.mdevsim, root / "sys", *PARENTS, "--", "sh", "-c",
                 script.replace("UUID", EXAMPLE_UUID)], root, programs)
        if done.returncode:
            raise Failure(f"{line}: status {done.returncode}\n{done.stdout}")


def answers_hold(page, given, programs):
    """mdevctl passes the input on the page to scripts, and accepts the answers
    on the page."""
    shown = [json.loads(block) for section in ("INPUT", "OUTPUT")
             for block in page.examples(section)]
    definition, provided, supported, attributes = shown
    with tempfile.TemporaryDirectory(prefix="mdevctl-manual-") as name:
        root = pathlib.Path(os.path.realpath(name))
        script = root / "answers"
        script.write_text(f"""#!/bin/sh
case $2 in mtty-*) ;; *) exit 2 ;; esac
cat >inputs-$4-$6
case $4-$6 in
    get-capabilities) echo '{json.dumps(supported)}' ;;
    get-attributes) echo '{json.dumps(attributes)}' ;;
esac
""".replace("inputs-", f"{root}/inputs-"))
        script.chmod(0o755)
        done = finished(["mdevctl", "test-callout", script, "--type",
                         "mtty-1"], root, programs)
        if done.returncode:
            raise Failure(done.stdout)
        equal("the input of capabilities", provided,
              json.loads((root / "inputs-get-capabilities").read_text()))
        # The members of a definition, in their order.
        received = (root / "inputs-pre-start").read_text().splitlines()[0]
        equal("the members of a definition", list(definition),
              list(json.loads(received)))
        equal("the type", definition["mdev_type"],
              json.loads(received)["mdev_type"])


def script_holds(page, given, programs):
    """The example is a script that test-callout accepts."""
    source = "\n".join(
        line[4:] for line in page.sections["EXAMPLE"]
        if line.startswith("    ") or not line).strip("\n") + "\n"
    with tempfile.TemporaryDirectory(prefix="mdevctl-manual-") as name:
        script = pathlib.Path(os.path.realpath(name)) / "mtty-hold"
        script.write_text(source)
        script.chmod(0o755)
        done = finished(["mdevctl", "test-callout", script, "--type",
                         "mtty-1"], script.parent, programs)
    if done.returncode != 0 or "ok" not in done.stdout:
        raise Failure(done.stdout)


def compiled(source, given, root, programs):
    """Compiles an example that uses the system's root, and runs it with
    another root."""
    (root / "example.cpp").write_text(source.replace(
        "const mdev::Environment env;",
        f'const mdev::Environment env("{root}");'))
    done = finished(
        [given.compiler, "-std=c++17", "-Wall", "-Wextra", "-Werror",
         "example.cpp", *[f"-I{path}" for path in given.include],
         given.library, f"-Wl,-rpath,{given.library.parent}", "-o", "example"],
        root, programs)
    equal("the compiler's status", f"{done.stdout}0",
          f"{done.stdout}{done.returncode}")


def classes_are_listed(page, given):
    """The overview lists each class of the public headers."""
    wanted = {name for path in (given.include[0] / "mdev").glob("*.hpp")
              for name in re.findall(r"^class (?:MDEV_API )?(\w+)",
                                     path.read_text(), re.M)}
    titles = [line for line, below in zip(page.text.splitlines(),
                                          page.text.splitlines()[1:])
              if re.fullmatch(r"\w+(, \w+)*", line)
              and below.startswith("    ")]
    missing = wanted - set(", ".join(titles).split(", ")) - {"Error"}
    if missing or not wanted:
        raise Failure(f"{page.name} does not list {sorted(missing)}")


def program_holds(page, given, programs):
    types, start, monitor = (block for block in page.examples("EXAMPLES")
                             if "int main" in block)
    outputs = {types: "mtty mtty-1: 24 available\nmtty mtty-2: 12 available\n",
               start: "mtty-1 is active\n"}
    with tempfile.TemporaryDirectory(prefix="mdevctl-manual-") as name:
        root = pathlib.Path(os.path.realpath(name))
        (root / "sys").mkdir()
        for source, output in outputs.items():
            compiled(source, given, root, programs)
            done = finished([given.mdevsim, root / "sys", *PARENTS, "--",
                             "./example"], root, programs)
            equal("the example's output", output, done.stdout)
        # The example waits for events until it is stopped.
        compiled(monitor, given, root, programs)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("mdevctl", "mdevsim", "library", "pages"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--include", action="append", default=[])
    parser.add_argument("--compiler", default="c++")
    given = parser.parse_args()
    for name in ("mdevctl", "mdevsim", "library"):
        setattr(given, name, getattr(given, name).resolve())
    given.include = [pathlib.Path(path).resolve() for path in given.include]
    return given


def skip_examples():
    raise tap.Skip("no /dev/fuse")


def checks(given, programs):
    program = Program(given.mdevctl)
    main, lsmdev, format_page, library, callouts = (
        Page(given.pages / f"{name}.rst") for name in
        ("mdevctl.8", "lsmdev.8", "mdevctl.d.5", "libmdev.3",
         "mdevctl-callouts.7"))
    yield "commands", lambda: commands_are_equal(program, main)
    yield "options", lambda: options_are_equal(program, main)
    yield "options of the program", lambda: global_options_are_equal(
        program, main)
    yield "lsmdev", lambda: lsmdev_is_list(program, lsmdev)
    yield "exit status", lambda: exit_codes_are_equal(program, main)
    yield "environment", lambda: environment_is_equal(program, main)
    yield "classes of libmdev.3", lambda: classes_are_listed(library, given)
    yield ("example of mdevctl-callouts.7",
           lambda: script_holds(callouts, given, programs))
    yield ("input and answers of mdevctl-callouts.7",
           lambda: answers_hold(callouts, given, programs))
    yield "every section is run", lambda: sections_are_run(main)
    if not tap.has_fuse():
        yield "examples", skip_examples
        return
    yield "quick start", lambda: quick_start_holds(main, given, programs)
    yield ("example of virtual functions",
           lambda: function_holds(main, given, programs))
    yield ("examples of --help",
           lambda: help_examples_hold(program, given, programs))
    for page in (main, lsmdev, format_page):
        yield (f"examples of {page.name}",
               lambda page=page: examples_hold(page, given, programs))
    yield ("examples of libmdev.3",
           lambda: program_holds(library, given, programs))


def main():
    given = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="mdevctl-bin-") as name:
        programs = pathlib.Path(name)
        for program in ("mdevctl", "lsmdev"):
            (programs / program).symlink_to(given.mdevctl)
        return tap.run(checks(given, programs))


sys.exit(main())
