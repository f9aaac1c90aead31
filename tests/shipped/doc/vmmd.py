# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests the guide's daemon on a simulated kernel, from its start to its end.
Prints TAP.

vmmd.py --vmmd PROGRAM --mdevctl PROGRAM --mdevsim PROGRAM
"""
import argparse
import contextlib
import os
import pathlib
import queue
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import simulated  # noqa: E402
import tap  # noqa: E402
from tap import Failure, Skip  # noqa: E402

PATIENCE = 120  # seconds, for operations that take milliseconds
FOREIGN = "11111111-2222-3333-4444-555555555555"
DEFINED = "11111111-2222-3333-4444-666666666666"
NOBODY = 65534
SLOW = """#!/bin/sh
[ "$4" = pre ] && [ "$6" = start ] || exit 0
echo 'asked for ten minutes' >&2
exec sleep 600
"""
# This script may serve several commands at the same time, and counts the
# questions for its capabilities.
COUNTING = """#!/bin/sh
[ "$6" = capabilities ] || exit 0
echo asked >>"$(dirname "$0")/../asked"
echo '{"supports":{"version":2,"parallel":true,"actions":["start","stop"],
    "events":["pre"]}}'
"""


class Client:
    """A connection to the daemon. It waits for lines."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise Failure("the daemon does not listen") from None
                time.sleep(0.01)
        self.lines = queue.Queue()
        threading.Thread(target=self.collect, daemon=True).start()

    def collect(self):
        with contextlib.suppress(OSError):
            for line in self.socket.makefile(errors="replace"):
                self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def say(self, line):
        self.socket.sendall((line + "\n").encode())

    def expect(self, part):
        """Returns the next line that contains `part`. Other lines are skipped.
        """
        passed = []
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                raise Failure(
                    f"the daemon says {passed}, not {part!r}") from None
            if line is not None and part in line:
                return line
            if line is None:
                raise Failure(
                    f"the daemon says {passed} and ends, not {part!r}")
            passed.append(line)

    def expect_all(self, *parts):
        """Waits for lines with these parts, in any order."""
        missing = set(parts)
        while missing:
            line = self.expect("")
            missing -= {part for part in missing if part in line}

    def ask(self, line, part):
        self.say(line)
        return self.expect(part)

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Daemon:
    """A vmmd, and its first connection."""

    def __init__(self, system, threads=4, **options):
        self.path = system.root / "socket"
        self.path.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            [system.given.vmmd, system.root, self.path, str(threads)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", **options)
        self.output = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.client = Client(self.path)

    def read(self):
        self.output.extend(self.process.stdout)

    def end(self):
        """Runs a program that must succeed. Returns its output."""
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure("SIGTERM does not end it") from None
        self.reader.join(PATIENCE)
        output = "".join(self.output)
        if status != 0:
            raise Failure(f"exit status {status}: {output}")
        return output


class System:
    """A simulated kernel with two small parents and a large one, and a store."""

    def __init__(self, given, directory):
        self.given = given
        self.root = pathlib.Path(directory)
        self.root.chmod(0o777)
        (self.root / "sys").mkdir()
        (self.root / "etc/mdevctl.d").mkdir(parents=True)
        self.kernel = simulated.kernel(
            given.mdevsim, self.root / "sys", "--parent=a=mdpy",
            "--parent=b=mdpy", "--parent=many=mtty",
            f"--device={FOREIGN}=a/mdpy-hd")

    def devices(self):
        devices = self.root / "sys/bus/mdev/devices"
        return sorted(path.name for path in devices.iterdir())

    def control(self, command):
        (self.root / "sys/.mdevsim/control").write_text(command)

    def mdevctl(self, *words):
        subprocess.run(
            [self.given.mdevctl, *words], check=True, stdout=subprocess.DEVNULL,
            env=dict(os.environ, MDEVCTL_ENV_ROOT=str(self.root)))

    @contextlib.contextmanager
    def script(self, text):
        path = self.root / "etc/mdevctl.d/scripts.d/callouts/script"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        try:
            yield path
        finally:
            path.unlink()

    def expect_devices(self, wanted):
        found = self.devices()
        tap.expect(found == sorted(wanted), f"the devices are {found}")

    def end(self):
        self.kernel.terminate()
        self.kernel.wait(PATIENCE)


def whole_life(system):
    daemon = Daemon(system)
    client = daemon.client
    yield "the daemon lists devices that are active", lambda: client.ask(
        "list", f"there: device {FOREIGN} on a")

    def fill():
        for number in range(3):
            client.ask(f"start on-a-{number} mdpy-vga", "got ")
        tap.expect(len(system.devices()) == 4, f"{system.devices()}")
    yield "the daemon creates devices on demand", fill
    yield "the daemon uses the next parent if one is full", lambda: client.ask(
        "start on-b mdpy-vga", "got ")
    yield "a second device is refused", lambda: client.ask(
        "start on-b mdpy-vga", "on-b has a device already")
    yield "a type that no parent has is not created", lambda: client.ask(
        "start other none", "no parent has an available instance of none")
    yield "a name that leaves its directory is an error", lambda: client.ask(
        "start other ../../x", "other failed: ")
    yield "an unknown request is an error", lambda: client.ask(
        "dance", "there is no such request: dance")

    def definitions():
        system.mdevctl("define", "-u", DEFINED, "-p", "a", "-t", "mdpy-vga")
        client.expect(f"new: definition {DEFINED} on a")
        system.mdevctl("undefine", "-u", DEFINED)
        client.expect(f"gone: definition {DEFINED} on a")
    yield "the daemon reports definitions of other programs", definitions
    yield "the daemon removes a device on demand", lambda: client.ask(
        "stop on-a-1", "on-a-1 has no device any more")

    def lost():
        got = client.ask("start gone mdpy-vga", "got ")
        system.control("vanish " + pathlib.Path(got.split()[-1]).name)
        client.expect("gone has lost its device")
        client.ask("stop gone", "gone has no device")
    yield "a device that another program removes is reported", lost

    def parent_lost():
        system.control("remove-parent b")
        # The daemon must have read the removal of the parent before the parent
        # is added again.
        client.expect_all("on-b has lost its device", "gone: parent b")
        client.ask("start new mdpy-hd", "new ")
        system.control("add-parent b=mdpy")
        client.expect("new: parent b")
    yield "a parent may be removed and added again", parent_lost

    def renamed_store():
        system.mdevctl("define", "-u", DEFINED, "-p", "a", "-t", "mdpy-vga")
        client.expect(f"new: definition {DEFINED} on a")
        store = system.root / "etc/mdevctl.d"
        store.rename(store.with_name("aside"))
        client.expect(f"gone: definition {DEFINED} on a")
        store.with_name("aside").rename(store)
        client.expect(f"new: definition {DEFINED} on a")
        system.mdevctl("undefine", "-u", DEFINED)
    yield "the store may be renamed", renamed_store

    def deadline():
        with system.script(SLOW):
            daemon.process.send_signal(1)  # SIGHUP: a new script exists
            line = ""
            while "deadline" not in line:
                line = client.ask("start late mtty-1 1", "late ")
                if "got" in line:  # the signal has not been read yet
                    client.ask("stop late", "late ")
        daemon.process.send_signal(1)
        client.ask("stop on-a-0", "on-a-0 has no device any more")
    yield "a request ends at its deadline", deadline

    def terminated():
        daemon.end()
        system.expect_devices([FOREIGN])
    yield ("SIGTERM ends the daemon, and devices of other programs remain",
           terminated)


def slow_script(system):
    daemon = Daemon(system)
    daemon.client.ask("start first mtty-1", "got ")
    with system.script(SLOW):
        daemon.process.send_signal(1)
        time.sleep(0.3)  # the request may not be waiting yet
        daemon.client.say("start second mtty-1")
        time.sleep(0.3)
        before = time.monotonic()
        daemon.end()
    took = time.monotonic() - before
    tap.expect(took < PATIENCE / 3, f"the daemon takes {took} s to end")
    system.expect_devices([FOREIGN])


def many_requests(system):
    """Makes 300 starts and stops, from 16 clients, in 16 threads."""
    failures = []

    def run(number):
        try:
            client = Client(daemon.path)
            for turn in range(number, 300, 16):
                client.ask(f"start vm-{turn} mtty-1", f"vm-{turn} got ")
                client.ask(f"stop vm-{turn}", f"vm-{turn} has no device any")
            client.close()
        except (Failure, OSError) as failure:
            failures.append(str(failure))

    with system.script(COUNTING) as script:
        daemon = Daemon(system, threads=16)
        threads = [threading.Thread(target=run, args=[number])
                   for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asked = (script.parent.parent / "asked").read_text()
    tap.expect(not failures, "\n".join(failures))
    system.expect_devices([FOREIGN])
    # One question for the type on each of three parents, two of which do not
    # have it.
    tap.expect(len(asked.splitlines()) <= 3,
               f"the script is asked {len(asked.splitlines())} times")
    daemon.end()


def without_descriptors(system):
    """With only 24 descriptors for 16 threads, requests fail and the daemon
    does not."""
    daemon = Daemon(system, threads=16, preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_NOFILE, (24, 24)))
    client = daemon.client
    for number in range(48):
        client.say(f"start vm-{number} mtty-1")
    answers = [client.expect("vm-") for _ in range(48)]
    got = [line for line in answers if " got " in line]
    strange = [line for line in answers if line not in got
               and "Too many open files" not in line and "available" not in line]
    tap.expect(not strange, f"the daemon says {strange}")
    tap.expect(len(system.devices()) == len(got) + 1,
               f"{len(got)} devices were given, {len(system.devices())} exist")
    client.ask("list", "there: parent many")
    daemon.end()
    system.expect_devices([FOREIGN])


def without_standard_descriptors(system):
    def close_all():
        for number in range(3):
            os.close(number)
    daemon = Daemon(system, preexec_fn=close_all)
    daemon.client.ask("start vm mtty-1", "vm got ")
    for number in range(3):
        name = os.readlink(f"/proc/{daemon.process.pid}/fd/{number}")
        tap.expect(name == "/dev/null", f"{number} is {name}")
    daemon.end()
    system.expect_devices([FOREIGN])


def without_root(system):
    if os.getuid() != 0:
        raise Skip("the test does not run as root")
    daemon = Daemon(system, user=NOBODY, group=NOBODY, extra_groups=[])
    daemon.client.ask("list", f"there: device {FOREIGN} on a")
    daemon.client.ask("start vm mtty-1", "Permission denied")
    daemon.client.ask("stop vm", "vm has no device")
    daemon.end()


def checks(system):
    yield from whole_life(system)
    for title, check in (
            ("SIGTERM does not wait for a script", slow_script),
            ("300 starts and stops by 16 threads", many_requests),
            ("the daemon continues with 24 descriptors", without_descriptors),
            ("descriptors 0 to 2 may be closed",
             without_standard_descriptors),
            ("the daemon need not be root", without_root)):
        yield title, lambda check=check: check(system)


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
