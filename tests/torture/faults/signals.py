# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ctrl-C, SIGTERM and SIGHUP end every command at every step at which the
command waits. The command ends with status 17 or by the signal. `post` is
called if `pre` was called, and no definition is changed. A hanging `post`
after a change ends soon. Each command runs on a terminal of its own. Prints
TAP.

signals.py --mdevctl PROGRAM"""
import argparse
import contextlib
import functools
import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from tap import Failure, expect  # noqa: E402

U1 = "11111111-2222-3333-4444-555555555501"
U2 = "11111111-2222-3333-4444-555555555502"
DEFINITION = '{"mdev_type": "T", "start": "manual"}'
CANCELLED = 17
# Seconds for steps that take two seconds on an idle machine. A command that
# does not end waits without a limit.
LIMIT = 20
SIGNALS = {"Ctrl-C": signal.SIGINT, "SIGTERM": signal.SIGTERM,
           "SIGHUP": signal.SIGHUP}


class Host:
    """A root with a parent P that has the type T, a definition of U1, and a
    script that logs its calls."""

    def __init__(self, root, program):
        self.root = root
        self.program = program
        self.log = root / "log"
        kind = root / "sys/class/mdev_bus/P/mdev_supported_types/T"
        kind.mkdir(parents=True)
        (root / "sys/bus/mdev/devices").mkdir(parents=True)
        (root / "run").mkdir()
        for name, text in (("available_instances", "4\n"),
                           ("device_api", "vfio-pci\n"), ("create", "")):
            (kind / name).write_text(text)
        self.store = root / "etc/mdevctl.d"
        (self.store / "P").mkdir(parents=True)
        self.define(DEFINITION)
        self.scripts = root / "usr/lib/mdevctl/scripts.d/callouts"
        self.scripts.mkdir(parents=True)
        self.script("exit 0")

    def script(self, body):
        file = self.scripts / "s"
        file.write_text(
            f'#!/bin/sh\n[ "$4" = get ] || echo "$4 $6 $8" >>{self.log}\n'
            f"case $4 in pre|live) {body} ;; esac\nexit 0\n")
        file.chmod(0o755)

    def define(self, text):
        self.defined = {self.store / "P" / U1: text}
        (self.store / "P" / U1).write_text(text)

    def definitions(self):
        return {path: path.read_text() for path in self.store.rglob("*")
                if path.is_file() and path.name != ".lock"}

    def events(self):
        return self.log.read_text().split("\n") if self.log.exists() else []

    @contextlib.contextmanager
    def locked(self, file):
        """Locks a file in another process, which is not an ancestor of the
        command."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        holder = subprocess.Popen(
            [sys.executable, "-c",
             "import fcntl, os, sys, time\n"
             "file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)\n"
             "fcntl.flock(file, fcntl.LOCK_EX)\n"
             "print('locked', flush=True)\n"
             "time.sleep(1000)", path], stdout=subprocess.PIPE)
        try:
            expect(holder.stdout.readline() == b"locked\n", "no lock")
            yield
        finally:
            holder.kill()
            holder.communicate()


class Command:
    """A command on a terminal of its own. `output` replaces its stdout."""

    def __init__(self, host, words, output=None):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            # A child that fails must not continue as a second test.
            try:
                for each in SIGNALS.values():  # nohup(1) ignores SIGHUP
                    signal.signal(each, signal.SIG_DFL)
                if output is not None:
                    os.dup2(output, 1)
                os.environ["MDEVCTL_ENV_ROOT"] = str(host.root)
                os.execv(host.program, ["mdevctl", *words])
            finally:
                os._exit(127)

    def state(self):
        stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0]

    def wait_until(self, condition, what):
        deadline = time.monotonic() + LIMIT
        while not condition():
            expect(os.waitpid(self.pid, os.WNOHANG)[0] == 0,
                   f"the command ended before {what}: {self.said()}")
            expect(time.monotonic() < deadline, f"timed out waiting for {what}")
            time.sleep(0.01)

    def wait_until_it_sleeps(self):
        """Waits until the command sleeps for a while, and so waits at a step.
        """
        looks = 0
        while looks < 10:
            self.wait_until(lambda: self.state() == "S", "a step that waits")
            time.sleep(0.01)
            looks = looks + 1 if self.state() == "S" else 0

    def interrupt(self, name):
        if name == "Ctrl-C":
            os.write(self.terminal, b"\x03")
        else:
            os.kill(self.pid, SIGNALS[name])

    def said(self):
        with contextlib.suppress(OSError):
            os.set_blocking(self.terminal, False)
            return os.read(self.terminal, 65536).decode(errors="replace")
        return ""

    def end(self):
        """Returns the exit status and the output."""
        try:
            return self.status(), self.said()
        finally:
            os.close(self.terminal)

    def status(self):
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise Failure(f"the command does not end: {self.said()}")


def full_pipe():
    """Returns the two ends of a full pipe that no process reads."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    return reader, writer


def interrupted(host, words, name, output=None):
    """Interrupts a command where it waits. Returns how it ended."""
    command = Command(host, words, output)
    command.wait_until_it_sleeps()
    command.interrupt(name)
    return command.end()


def for_store_lock(host, words, name):
    with host.locked("etc/mdevctl.d/.lock"):
        return interrupted(host, words, name)


def for_parent_lock(host, words, name):
    host.define(DEFINITION.replace("manual", "auto"))
    with host.locked("run/mdevctl/P.lock"):
        return interrupted(host, words, name)


def for_script(host, words, name):
    host.script(f"echo >{host.root}/runs; exec sleep 300")
    command = Command(host, words)
    command.wait_until((host.root / "runs").exists, "script")
    command.interrupt(name)
    return command.end()


def after_change(host, words, name):
    """Interrupts a command whose change is made and whose `post` hangs: the
    command has succeeded."""
    host.script(f":;; post) echo >{host.root}/runs; exec sleep 300")
    command = Command(host, words)
    command.wait_until((host.root / "runs").exists, "post")
    command.interrupt(name)
    return command.end()


def for_reader(host, words, name):
    reader, writer = full_pipe()
    try:
        return interrupted(host, words, name, writer)
    finally:
        os.close(reader)
        os.close(writer)


def for_terminal(host, words, name):
    """Nobody reads from the terminal, which is full before the last line."""
    for number in range(5000):
        file = host.store / "P" / f"{number:08}{U1[8:]}"
        host.defined[file] = DEFINITION
        file.write_text(DEFINITION)
    command = Command(host, words)
    command.wait_until_it_sleeps()
    os.kill(command.pid, SIGNALS[name])
    return command.end()


TERMINAL = "/dev/stdin"
# Steps, and the commands that have the step.
STEPS = [
    ("reads from a terminal", interrupted, [
        ["define", "-p", "P", "--jsonfile", TERMINAL],
        ["start", "-p", "P", "--jsonfile", TERMINAL],
        ["modify", "-u", U1, "-p", "P", "--jsonfile", TERMINAL],
        ["modify", "-u", U1, "-p", "P", "--live", "--jsonfile", TERMINAL],
        ["diff", TERMINAL], ["apply", TERMINAL]]),
    ("waits for the store's lock", for_store_lock, [
        ["define", "-u", U2, "-p", "P", "-t", "T"], ["undefine", "-u", U1],
        ["modify", "-u", U1, "--auto"]]),
    ("waits for the lock of a parent", for_parent_lock, [
        ["start-parent-mdevs", "P"], ["start-all"], ["start", "--all"]]),
    ("waits for a script", for_script, [
        ["define", "-u", U2, "-p", "P", "-t", "T"], ["undefine", "-u", U1],
        ["modify", "-u", U1, "--auto"],
        ["start", "-u", U1], ["start", "--all"]]),
    ("waits for post", after_change, [
        ["define", "-u", U2, "-p", "P", "-t", "T"],
        ["modify", "-u", U1, "--auto"]]),
    ("waits for a late parent", interrupted, [
        ["start", "-u", U2, "-p", "late", "-t", "T", "--wait", "1000"],
        ["start", "--wait", "1000", "-p", "late", "-t", "T"]]),
    ("writes to a pipe that nobody reads", for_reader, [
        ["list", "-d"], ["list", "-d", "--dumpjson"], ["types"],
        ["show", U1], ["export"], ["doctor", "--json"], ["monitor", "--initial"],
        ["start", "--all", "--dry-run"], ["--help"]]),
    ("writes to a terminal that nobody reads", for_terminal, [
        ["list", "-d"], ["export"], ["monitor", "--initial"],
        ["start", "--all", "--dry-run"]]),
]


def check(step, words, name, program):
    with tempfile.TemporaryDirectory(prefix="mdevctl-signals-") as directory:
        host = Host(pathlib.Path(directory), program)
        status, said = step(host, words, name)
        is_done = step is after_change
        expect(status in ([0] if is_done else [CANCELLED, -SIGNALS[name]]),
               f"the command ended with {status}: {said}")
        expect((host.definitions() != host.defined) == is_done,
               f"definitions: {host.definitions()}")
        # A script that was ended has not accepted `pre`, and gets no `post`.
        events = [event.split()[0] for event in host.events() if event]
        accepted = events.count("pre") if step is not for_script else 0
        expect(events.count("post") == accepted, f"unequal: {events}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevctl", required=True)
    program = os.path.realpath(parser.parse_args().mdevctl)
    return tap.run([
        (f"{name} ends '{' '.join(words)}' while it {what}",
         functools.partial(check, step, words, name, program))
        for what, step, commands in STEPS
        for words in commands for name in SIGNALS])


sys.exit(main())
