# SPDX-License-Identifier: LGPL-2.1-or-later
"""Leads the guide's daemon through its life on a simulated kernel. Prints TAP.

    vmmd.py --vmmd PROGRAM --mdevctl PROGRAM --mdevsim PROGRAM
"""
import argparse
import os
import pathlib
import queue
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from tap import Failure  # noqa: E402

PATIENCE = 120  # seconds, for what takes milliseconds
FOREIGN = "11111111-2222-3333-4444-555555555555"
DEFINED = "11111111-2222-3333-4444-666666666666"
SLOW = """#!/bin/sh
[ "$4" = pre ] && [ "$6" = start ] || exit 0
echo 'asked for ten minutes' >&2
exec sleep 600
"""


class Process:
    """A program whose lines are waited for."""

    def __init__(self, *words):
        self.lines = queue.Queue()
        self.process = subprocess.Popen(
            [str(word) for word in words], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def line(self):
        try:
            return self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise Failure("it says nothing any more") from None

    def expect(self, part):
        line = self.line()
        if line is None or part not in line:
            raise Failure(f"it says {line!r}, not {part!r}")
        return line

    def ask(self, line, part):
        self.say(line)
        return self.expect(part)

    def end(self):
        """The rest of its lines; it must end well."""
        lines = list(iter(self.line, None))
        if self.process.wait(PATIENCE) != 0:
            raise Failure(f"exit status {self.process.returncode}: {lines}")
        return lines


class System:
    """A simulated kernel with two small parents, and a store."""

    def __init__(self, given, directory):
        self.given = given
        self.root = pathlib.Path(directory)
        (self.root / "sys").mkdir()
        self.kernel = Process(
            given.mdevsim, self.root / "sys", "--parent=a=mdpy",
            "--parent=b=mdpy", f"--device={FOREIGN}=a/mdpy-hd")
        self.kernel.expect("ready")

    def daemon(self):
        return Process(self.given.vmmd, self.root)

    def devices(self):
        devices = self.root / "sys/bus/mdev/devices"
        return sorted(path.name for path in devices.iterdir())

    def control(self, command):
        (self.root / "sys/.mdevsim/control").write_text(command)

    def mdevctl(self, *words):
        subprocess.run(
            [self.given.mdevctl, *words], check=True, stdout=subprocess.DEVNULL,
            env=dict(os.environ, MDEVCTL_ENV_ROOT=str(self.root)))

    def script(self, text):
        path = self.root / "etc/mdevctl.d/scripts.d/callouts/slow"
        path.parent.mkdir(parents=True)
        path.write_text(text)
        path.chmod(0o755)

    def end(self):
        self.kernel.process.terminate()
        self.kernel.process.wait(PATIENCE)


def whole_life(system):
    daemon = system.daemon()
    yield "it lists what runs already", lambda: daemon.expect(
        f"{FOREIGN} runs on a")

    def fill():
        for number in range(3):
            daemon.ask(f"start on-a-{number} mdpy-vga", "got ")
        if len(system.devices()) != 4:
            raise Failure(f"there are {system.devices()}")
    yield "it makes devices on demand", fill

    def next_parent():
        daemon.ask("start on-b mdpy-vga", "got ")
        daemon.say("list")
        lines = [daemon.line() for _ in range(5)]
        if sum(line.endswith(" runs on b") for line in lines) != 1:
            raise Failure(f"it lists {lines}")
    yield "where a parent is full it takes the next one", next_parent
    yield "a second device is refused", lambda: daemon.ask(
        "start on-b mdpy-vga", "on-b has a device already")
    yield "what nobody offers is not made", lambda: daemon.ask(
        "start other none", "no parent has room for a none")
    yield "what could leave its directory is an error", lambda: daemon.ask(
        "start other ../../x", "failed: ")
    yield "a command that there is not is an error", lambda: daemon.ask(
        "dance", "there is no such command: dance")

    def definitions():
        system.mdevctl("define", "-u", DEFINED, "-p", "a", "-t", "mdpy-vga")
        daemon.expect(f"{DEFINED} was defined on a")
        system.mdevctl("undefine", "-u", DEFINED)
        daemon.expect(f"{DEFINED} was undefined on a")
    yield "it is told what others define", definitions
    yield "it removes a device on demand", lambda: daemon.ask(
        "stop on-a-1", "on-a-1 has no device any more")

    def lost():
        got = daemon.ask("start gone mdpy-vga", "got ")
        system.control("vanish " + pathlib.Path(got.split()[-1]).name)
        daemon.ask("stop gone", "failed: ")
        daemon.ask("stop gone", "gone has no device")
    yield "a device that went by itself is forgotten", lost

    def terminated():
        daemon.process.terminate()
        lines = daemon.end()
        if len(lines) != 3 or system.devices() != [FOREIGN]:
            raise Failure(f"it says {lines}, and leaves {system.devices()}")
    yield "SIGTERM ends it, and it leaves what is not its own", terminated


def end_of_input(system):
    daemon = system.daemon()
    daemon.expect(FOREIGN)
    daemon.ask("start vm mdpy-vga", "got ")
    daemon.process.stdin.close()
    lines = daemon.end()
    if system.devices() != [FOREIGN]:
        raise Failure(f"it says {lines}, and leaves {system.devices()}")


def slow_script(system):
    daemon = system.daemon()
    daemon.expect(FOREIGN)
    daemon.ask("start first mdpy-vga", "got ")
    system.script(SLOW)
    daemon.say("start second mdpy-vga")
    time.sleep(0.3)  # it may as well not be waiting yet
    before = time.monotonic()
    daemon.process.terminate()
    lines = daemon.end()
    took = time.monotonic() - before
    if took > PATIENCE / 3 or system.devices() != [FOREIGN]:
        raise Failure(f"it takes {took} s, says {lines}, "
                      f"and leaves {system.devices()}")


def checks(system):
    yield from whole_life(system)
    yield "the end of its input ends it", lambda: end_of_input(system)
    yield "SIGTERM does not wait for a script", lambda: slow_script(system)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("vmmd", "mdevctl", "mdevsim"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        system = System(given, directory)
        try:
            return tap.run(checks(system))
        finally:
            system.end()


sys.exit(main())
