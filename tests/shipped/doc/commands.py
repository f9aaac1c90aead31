# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the shell commands of README and of the guide's pages for
administrators on a simulated kernel, and compares their output at a terminal
with the pages. Prints TAP.

commands.py --mdevctl PROGRAM --mdevsim PROGRAM

The test runs the blocks marked `sh` of a page in order, in one shell. A block
marked `text` after it is the expected output; the UUIDs in it are examples."""
import argparse
import functools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
sys.path.insert(0, str(HERE.parents[1] / "support"))
import tap  # noqa: E402

LIMIT = 120  # seconds for a page, never reached
COLUMNS = "80"
PAGES = ("README.md", "doc/guide/administrator.md", "doc/guide/fleet.md")
# Sections with commands that a test of this kind cannot run, and the reason.
NOT_RUN = {
    "mdevctl and libmdev": "these scripts build this source and run the tests",
    "Install": "tests/shipped/packages/run.sh builds and installs packages",
    "Prepare the hardware": "tests/kernel/vm builds and loads this driver",
}
# Documents whose commands this test does not run, and the reason.
ELSEWHERE = {
    "bindings/ansible/README.md":
        "tests/kernel/ansible installs this collection and runs tasks",
    "doc/HACKING.md":
        "these commands run all tests; a test inside a test says nothing new",
    "doc/PACKAGING.md":
        "tests/shipped/packages/run.sh builds, installs and tests packages",
    "doc/PERFORMANCE.md":
        "these commands measure, and need an idle machine",
    "doc/guide/c.md":
        "tests/shipped/bindings/c compiles an installed program in C",
    "doc/guide/fleet.md":
        "tests/kernel/ansible installs the collection from the sources",
    "doc/guide/index.md":
        "tests/shipped/consumers compiles a program like this",
}
# Commands that need systemd: only their syntax is checked.
SYSTEMD = ("systemctl", "journalctl")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
# An indented block that begins with a command, and not with code of C++ or YAML.
INDENTED = re.compile(
    r"^\n    (?![#-])[a-z$][\w./+-]* .*(?:\n    .*)*$", re.M)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ERASED = re.compile(r"^.*<CR><ESC>\[K", re.M)  # lines of progress
MARK = "-- end of a block --"
RULE = 'ACTION=="add", RUN+="/usr/sbin/mdevctl start-parent-mdevs"\n'


def blocks(text):
    """Returns the blocks to run, each with its expected output or None."""
    found = []
    for section in re.split(r"^#+ ", text, flags=re.M)[1:]:
        title, _, body = section.partition("\n")
        if title in NOT_RUN:
            continue
        for kind, content in FENCE.findall(body):
            if kind == "sh":
                found.append([content, None])
            elif kind == "text":
                found[-1][1] = content
    return found


def script_of(parts):
    lines = ["set -eu"]
    lines += [f"{word}() {{ :; }}" for word in SYSTEMD]
    for content, _ in parts:
        lines += [content.rstrip("\n"), f"echo '{MARK}'"]
    return "\n".join(lines) + "\n"


def install(root, mdevctl):
    """Makes a root in which devices start automatically."""
    for directory in ("sys", "bin", "usr/sbin", "usr/lib/udev/rules.d"):
        (root / directory).mkdir(parents=True)
    for place in ("bin", "usr/sbin"):
        (root / place / "mdevctl").symlink_to(mdevctl)
    (root / "usr/lib/udev/rules.d/60-mdevctl.rules").write_text(RULE)


def shown(script, given):
    """Runs the script at a terminal. Returns the output of each block."""
    with tempfile.TemporaryDirectory(prefix="mdevctl-page-") as name:
        root = pathlib.Path(os.path.realpath(name))
        install(root, given.mdevctl)
        (root / "page.sh").write_text(script)
        done = subprocess.run(
            [given.mdevsim, root / "sys", "--parent", "mtty=mtty", "--",
             sys.executable, TOP / "tests/terminal/on_pty.py", COLUMNS, "sh",
             "page.sh"], cwd=root, timeout=LIMIT, check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": f"{root}/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                 "TERM": "xterm", "NO_COLOR": "1", "HOME": str(root),
                 "MDEVCTL_ENV_ROOT": str(root)})
    text = ERASED.sub("", done.stdout).replace(str(root), "")
    if done.returncode:
        raise tap.Failure(f"exit status {done.returncode}:\n{text}")
    return text.split(MARK + "\n")


def numbered(text):
    """Replaces UUIDs by their number in the text."""
    known = {}
    return UUID.sub(lambda match: known.setdefault(
        match[0], f"UUID-{len(known) + 1}"), text)


def page_holds(page, given):
    parts = blocks((TOP / page).read_text(encoding="utf-8"))
    tap.expect(parts, "the page has no commands")
    printed = shown(script_of(parts), given)
    for (content, expected), actual in zip(parts, printed):
        tap.expect(expected is None or numbered(expected) == numbered(actual),
                   f"{content}prints\n{actual}")


def others_have_a_reason():
    """A test runs the commands of each document."""
    found = set()
    for path in [*TOP.glob("*.md"), *TOP.glob("doc/**/*.md"),
                 *TOP.glob("bindings/**/*.md")]:
        name = str(path.relative_to(TOP))
        text = path.read_text(encoding="utf-8")
        fenced = name not in PAGES and "```sh\n" in text
        if fenced or INDENTED.search(FENCE.sub("", text)):
            found.add(name)
    tap.expect(found == set(ELSEWHERE), "no test runs, or no document has, the "
               f"commands of {', '.join(sorted(found ^ set(ELSEWHERE)))}")


def sections_exist():
    text = "\n".join((TOP / page).read_text() for page in PAGES)
    for title in NOT_RUN:
        tap.expect(re.search(rf"^#+ {title}$", text, re.M),
                   f"no page has the section '{title}'")


def number(pattern, path):
    """Returns the number that the pattern finds in a document."""
    found = re.search(pattern, (TOP / path).read_text(encoding="utf-8"))
    tap.expect(found, f"{path} does not have {pattern}")
    return float(found[1].replace(",", ""))


def figures_agree():
    """The figures of README are equal to those of the linked documents."""
    measured = r"\| %s \| CPU, to mdevctl 1\.x \|.*\| ([\d.]+) \|"
    for pattern, work in ((r"in (\d+) % of", "list -d, 10,000"),
                          (r"of them in (\d+) %", "list -d -u, 10,000")):
        said = number(pattern, "README.md")
        is_so = number(measured % re.escape(work), "doc/PERFORMANCE.md")
        tap.expect(said == round(100 * is_so), f"{work}: {said} % of {is_so}")
    kills = number(r"kill it ([\d,]+) times", "README.md")
    one = number(r"([\d,]+) kills, at each call", "doc/RELIABILITY.md")
    many = number(r"kills at random moments \| [\d,]+ \| ([\d,]+) \|",
                  "doc/RELIABILITY.md")
    tap.expect(kills == one + many, f"{one} and {many} are not {kills} kills")
    tap.expect(number(r"make ([\d,]+) system", "README.md") ==
               number(r"\| ([\d,]+) faults \| 0 \|", "doc/RELIABILITY.md"),
               "the number of faults differs")
    findings = len(re.findall(r"^    (?:Warning|Error)\.", (
        TOP / "doc/mdevctl-doctor.7.rst").read_text(), re.M))
    tap.expect(number(r"knows (\d+) faults", "README.md") == findings,
               f"the doctor has {findings} findings")
    codes = len(re.findall(r"^\d+ +\S", (
        TOP / "doc/mdevctl.8.rst").read_text().split("EXIT STATUS\n")[1], re.M))
    tap.expect(number(r"(\d+) exit codes", "README.md") == codes,
               f"there are {codes} exit codes")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevctl", type=os.path.abspath, required=True)
    parser.add_argument("--mdevsim", type=os.path.abspath, required=True)
    given = parser.parse_args()
    tap.skip_all_without_fuse()
    return tap.run([
        ("the sections that are not run exist", sections_exist),
        ("commands of other documents run in other tests",
         others_have_a_reason),
        ("the figures of README are equal to those of other documents",
         figures_agree),
        *((f"the commands of {page}",
           functools.partial(page_holds, page, given)) for page in PAGES)])


sys.exit(main())
