# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests completion in real shells, with the devices of a simulated kernel. The
test types into bash and zsh on a terminal, and asks fish for its offers.
Prints TAP."""
import argparse
import functools
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from tap import Failure  # noqa: E402

LIMIT = 120  # seconds for a shell, never reached
U1 = "11111111-2222-3333-4444-555555555501"
U2 = "11111111-2222-3333-4444-555555555502"
PARENTS = ("--parent", "0000:00:02.0=i915", "--parent", "mtty=mtty")
PREPARE = f"""
    mdevctl start -u {U1} -p mtty -t mtty-1
    mdevctl define -u {U2} -p 0000:00:02.0 -t i915-GVTg_V5_4
    mdevctl modify -u {U2} --addattr power/control --value on
"""

# The typed text before the tab key, and the command line that the program gets.
TYPED = [
    ("mdevctl sta", "mdevctl start"),
    ("mdevctl unde", "mdevctl undefine"),
    ("mdevctl undefine --uu", "mdevctl undefine --uuid"),
    ("mdevctl undefine -u ", f"mdevctl undefine -u {U2}"),
    ("mdevctl stop -u ", f"mdevctl stop -u {U1}"),
    ("mdevctl stop --uuid=", f"mdevctl stop --uuid={U1}"),
    ("mdevctl stop --uuid=111", f"mdevctl stop --uuid={U1}"),
    ("mdevctl types -p 0", "mdevctl types -p 0000:00:02.0"),
    ("mdevctl types -p 0000:0", "mdevctl types -p 0000:00:02.0"),
    ("mdevctl types --parent=0000:00:", "mdevctl types --parent=0000:00:02.0"),
    ("mdevctl start -p mtty -t ", "mdevctl start -p mtty -t mtty-"),
    ("mdevctl start -p 0000:00:02.0 -t i915-GVTg_V5_8",
     "mdevctl start -p 0000:00:02.0 -t i915-GVTg_V5_8"),
    (f"mdevctl modify -u {U2} --delattr -i ",
     f"mdevctl modify -u {U2} --delattr -i 0"),
    ("mdevctl define -p mtty --jsonfile ./one-",
     "mdevctl define -p mtty --jsonfile ./one-file.json"),
    ("mdevctl define -p mtty --jsonfile=one-",
     "mdevctl define -p mtty --jsonfile=one-file.json"),
    ("mdevctl test-callout -t T one-",
     "mdevctl test-callout -t T one-file.json"),
    # Without the rest of the name the file would not exist.
    ("mdevctl list <one-", "mdevctl list"),
    ("mdevctl export >one-", "mdevctl export"),
    ("mdevctl export > one-", "mdevctl export"),
    ("mdevctl apply one-", "mdevctl apply one-file.json"),
    ("mdevctl stop 111", f"mdevctl stop {U1}"),
    ("mdevctl list --all --state act", "mdevctl list --all --state active"),
    ("mdevctl list --color al", "mdevctl list --color always"),
    ("mdevctl list -o uuid,iom", "mdevctl list -o uuid,iommu-group"),
    ("mdevctl list --output=+iom", "mdevctl list --output=+iommu-group"),
    ("mdevctl list --sort iom", "mdevctl list --sort iommu-group"),
    ("mdevctl doctor --severity e", "mdevctl doctor --severity error"),
    ("lsmdev --defi", "lsmdev --defined"),
    ("lsmdev -d -p ", "lsmdev -d -p 0000:00:02.0"),
    ("lsmdev -u ", f"lsmdev -u {U1}"),
]
# The typed text, and some or all of the words that fish offers.
OFFERED = [
    ("mdevctl ", {"define", "list", "help"}, False),
    ("mdevctl undefine --", {"--uuid", "--parent", "--force", "--if-needed",
                             "--dry-run", "--json", "--quiet", "--help"}, True),
    ("mdevctl apply ./one-", {"./one-file.json"}, True),
    ("mdevctl list --output=def", {"--output=defined"}, True),
    ("mdevctl stop -u ", {U1}, True),
    ("mdevctl undefine --uuid=", {f"--uuid={U2}"}, True),
    ("mdevctl types -p ", {"0000:00:02.0", "mtty"}, True),
    ("mdevctl start -p mtty -t ", {"mtty-1", "mtty-2"}, True),
    ("mdevctl define -p mtty --jsonfile ./one-", {"./one-file.json"}, True),
    ("mdevctl define -p mtty --jsonfile=one-",
     {"--jsonfile=one-file.json"}, True),
    ("lsmdev --defi", {"--defined"}, True),
    ("lsmdev -d -u ", {U2}, True),
    ("/not/there/mdevctl ", set(), True),
]

# A program in place of mdevctl. It completes, and otherwise prints its
# arguments.
WRAPPER = """#!/bin/sh
if [ "$1" = complete ]; then exec '{mdevctl}' "$@"; fi
printf '<<%s>>\\n' "${{0##*/}}${{1+ $*}}" >/dev/tty
"""


class Terminal:
    """A shell on a terminal."""

    def __init__(self, words, environment, directory):
        child, self.master = pty.fork()
        if child == 0:
            try:
                os.chdir(directory)
                os.execvpe(words[0], words, environment)
            finally:
                os._exit(127)
        self.child = child
        self.text = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def wait_for(self, text):
        """Returns the output up to the text, and removes it."""
        end = time.monotonic() + LIMIT
        while text not in self.text:
            left = end - time.monotonic()
            ready = left > 0 and select.select([self.master], [], [], left)[0]
            try:
                new = os.read(self.master, 65536) if ready else b""
            except OSError:
                new = b""
            if not new:
                raise Failure(f"no {text!r} in {self.text!r}")
            self.text += new.decode(errors="replace")
        before, _, self.text = self.text.partition(text)
        return before

    def close(self):
        os.close(self.master)
        os.kill(self.child, 9)
        os.waitpid(self.child, 0)


def run_typed(words, setup, environment, directory):
    """Returns the command lines that the shell made from the typed text."""
    terminal = Terminal(words, environment, directory)
    try:
        for line in setup:
            terminal.type(line + "\n")
        terminal.type("echo rea''dy\n")
        terminal.wait_for("ready\r")
        for typed, wanted in TYPED:
            terminal.type(typed + "\t")
            terminal.type("\n")
            terminal.wait_for("<<")
            got = terminal.wait_for(">>")
            if got.strip() != wanted:
                raise Failure(f"{typed!r} became {got!r}, not {wanted!r}")
            if (pathlib.Path(directory) / "one-").exists():
                raise Failure(f"{typed!r} was not completed")
    finally:
        terminal.close()


def bash(given, environment, directory):
    library = pathlib.Path("/usr/share/bash-completion/bash_completion")
    if not shutil.which("bash") or not library.exists():
        raise tap.Skip("no bash-completion")
    # A terminal with the maximum width does not wrap lines.
    run_typed(["bash", "--norc", "--noprofile", "-i"],
              ["PS1='$ '", f". {library}",
               f". {given.completions}/mdevctl.bash"],
              environment, directory)


def zsh(given, environment, directory):
    if not shutil.which("zsh"):
        raise tap.Skip("no zsh")
    run_typed(["zsh", "-f", "-i"],
              ["PS1='$ '", "unsetopt list_ambiguous auto_menu",
               f"fpath=({given.completions} $fpath)",
               "autoload -Uz compinit; compinit -u -D"],
              environment, directory)


def fish(given, environment, directory):
    if not shutil.which("fish"):
        raise tap.Skip("no fish")
    for typed, wanted, is_all in OFFERED:
        done = subprocess.run(
            ["fish", "--no-config", "-c",
             f"set fish_complete_path {given.completions}; "
             "complete -C $argv[1]", typed],
            cwd=directory, env=environment, timeout=LIMIT, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        got = {line.split("\t")[0] for line in done.stdout.splitlines()}
        if got != wanted if is_all else not wanted <= got:
            raise Failure(f"for {typed!r} fish offers {sorted(got)}, "
                          f"not {sorted(wanted)}")


def inside(given):
    """Runs the checks with the simulated kernel mounted."""
    root = pathlib.Path(os.environ["MDEVCTL_ENV_ROOT"])
    environment = {
        "PATH": f"{root}/bin:/usr/bin:/bin", "HOME": str(root / "home"),
        "XDG_CONFIG_HOME": str(root / "home"), "LC_ALL": "C.UTF-8",
        "TERM": "vt100", "COLUMNS": "1000", "MDEVCTL_ENV_ROOT": str(root)}
    subprocess.run(["sh", "-ec", PREPARE], check=True,
                   env={**environment, "PATH": f"{root}/real:/usr/bin:/bin"})
    return tap.run([
        (tap.title_of(shell),
         functools.partial(shell, given, environment, root / "work"))
        for shell in (bash, zsh, fish)])


def outside(given):
    tap.skip_all_without_fuse()
    with tempfile.TemporaryDirectory(prefix="mdevctl-completions-") as name:
        root = pathlib.Path(os.path.realpath(name))
        for directory in ("sys", "bin", "real", "work", "home"):
            (root / directory).mkdir()
        (root / "work/one-file.json").touch()
        (root / "real/mdevctl").symlink_to(given.mdevctl)
        for program in ("mdevctl", "lsmdev"):
            (root / "bin" / program).write_text(
                WRAPPER.format(mdevctl=given.mdevctl))
            (root / "bin" / program).chmod(0o755)
        return subprocess.run(
            [given.mdevsim, root / "sys", *PARENTS, "--", sys.executable,
             __file__, *sys.argv[1:], "--inside"], check=False,
            env={**os.environ, "MDEVCTL_ENV_ROOT": str(root)}).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("mdevctl", "mdevsim", "completions"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--inside", action="store_true")
    given = parser.parse_args()
    for name in ("mdevctl", "mdevsim", "completions"):
        setattr(given, name, getattr(given, name).resolve())
    return inside(given) if given.inside else outside(given)


sys.exit(main())
