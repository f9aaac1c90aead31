# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests a script that takes a lock in pre and releases the lock in post, as
ap-check of s390-tools does. After every command the lock is free. No pre is
called between the pre and the post of another command. Prints TAP."""
import argparse
import contextlib
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import simulated  # noqa: E402
import tap  # noqa: E402
from tap import Failure, expect  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 60  # seconds for one command
TYPE = "vfio_ap-passthrough"
DONE, FAILED, NOT_DEFINED, NOT_ACTIVE, EXISTS = 0, 1, 3, 4, 5
NO_TYPE, NO_INSTANCE, REFUSED, INVALID = 7, 8, 9, 10


def uuid(number):
    return f"11111111-2222-3333-4444-{number:012}"


class Host:
    """A root with the script and a simulated kernel."""

    def __init__(self, root, programs):
        self.root = root
        self.programs = programs
        self.ap = root / "ap"
        self.log = self.ap / "log"
        scripts = root / "usr/lib/mdevctl/scripts.d/callouts"
        for directory in (self.ap, scripts, root / "sys"):
            directory.mkdir(parents=True)
        shutil.copy(HERE / "ap_check", scripts)
        self.environment = dict(
            os.environ, MDEVCTL_ENV_ROOT=str(root), LC_ALL="C")
        self.environment.pop("MDEVCTL_LOG", None)

    @contextlib.contextmanager
    def kernel(self):
        with simulated.kernel(
                self.programs.mdevsim, self.root / "sys", "--parent",
                "matrix=vfio_ap") as simulator:
            try:
                yield
            finally:
                simulator.terminate()

    def control(self, words):
        (self.root / "sys/.mdevsim/control").write_text(words)

    def start(self, *words, **changes):
        return subprocess.Popen(
            [self.programs.mdevctl, *words], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**self.environment, **changes})

    def finish(self, process, status):
        words = " ".join(process.args[1:])
        with process:
            try:
                _, errors = process.communicate(timeout=LIMIT)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise Failure(f"{words} does not end: {self.steps()}") \
                    from error
        expect(process.returncode == status,
               f"{words}: {process.returncode}: {errors}")

    def run(self, *words, status=DONE):
        """Runs a command, and checks that the lock is free after the command.
        """
        before = self.steps()
        self.finish(self.start(*words), status)
        self.check_free()
        return self.steps()[len(before):]

    def steps(self):
        if not self.log.exists():
            return []
        return [line.split() for line in self.log.read_text().splitlines()]

    def check_free(self):
        expect(not (self.ap / "lock").exists(),
               f"the lock is taken: {self.steps()}")
        self.check_brackets()

    def check_brackets(self):
        """Checks that each begin is followed by its own end."""
        steps = [step for step in self.steps() if step[0] != "stale"]
        for begin, end in zip(steps[::2], steps[1::2]):
            expect(begin[0] == "begin" and end == ["end", *begin[1:]],
                   f"nested: {begin}, {end}")
        expect(len(steps) % 2 == 0, f"not closed: {steps[-1:]}")

    def program(self, *words):
        done = subprocess.run(
            [self.programs.threads, self.root, *words], timeout=2 * LIMIT,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        expect(done.returncode == 0, f"{words}: {done.stdout}")
        self.check_free()


def add(host, number, name, value, **options):
    return host.run("modify", "-u", uuid(number), "--addattr", name, "--value",
                    value, **options)


def every_command(host):
    """every command releases the lock that it has taken"""
    one = uuid(1)
    commands = [host.run("define", "-u", one, "-p", "matrix", "-t", TYPE)]
    for name, value in (("assign_adapter", "5"), ("assign_adapter", "6"),
                        ("assign_domain", "0xab"),
                        ("assign_control_domain", "0xab")):
        commands.append(add(host, 1, name, value))
    commands.append(host.run("modify", "-u", one, "--delattr"))
    commands.append(host.run("modify", "-u", one, "--auto"))
    commands.append(host.run("start", "-u", one))
    commands.append(host.run("stop", "-u", one))
    commands.append(host.run("start-parent-mdevs", "matrix"))
    live = host.root / "live.json"
    live.write_text(json.dumps({"mdev_type": TYPE, "start": "manual"}))
    if not (host.ap / "unversioned").exists():
        commands.append(host.run("modify", "-u", one, "--live", "--defined",
                              "--jsonfile", str(live)))
    commands.append(host.run("modify", "-u", one, "-p", "matrix", "--jsonfile",
                          str(live)))
    commands.append(host.run("stop", "-u", one))
    commands.append(host.run("undefine", "-u", one))
    commands.append(host.run("start", "-p", "matrix", "-t", TYPE))
    for steps in commands:
        expect([step[0] for step in steps] == ["begin", "end"], steps)


def commands_that_fail(host):
    """every command that fails also releases the lock, at any step"""
    one, two = uuid(1), uuid(2)
    host.run("define", "-u", one, "-p", "matrix", "-t", TYPE)
    host.run("define", "-u", one, "-p", "matrix", "-t", TYPE, status=EXISTS)
    add(host, 1, "assign_nonsense", "1", status=REFUSED)
    add(host, 1, "assign_adapter", "999")
    host.run("start", "-u", one, status=FAILED)
    host.run("modify", "-u", one, "--delattr")
    add(host, 1, "not_there", "5")
    host.run("start", "-u", one, status=FAILED)
    host.run("modify", "-u", one, "--delattr", "--index", "7", status=FAILED)
    host.run("modify", "-u", one, "--delattr")
    for error, status in (("ENOSPC", NO_INSTANCE), ("EIO", FAILED)):
        host.control(f"fault */create:1:{error}")
        host.run("start", "-u", one, status=status)
        host.control("clear-faults")
    host.run("start", "-u", one)
    host.run("start", "-u", one, status=EXISTS)
    host.control("fault */remove:1:EIO")
    host.run("stop", "-u", one, status=FAILED)
    host.run("stop", "-u", one)
    host.run("stop", "-u", one, status=NOT_ACTIVE)
    host.run("start", "-u", two, "-p", "matrix", "-t", "other", status=NO_TYPE)
    host.run("undefine", "-u", two, status=NOT_DEFINED)
    broken = host.root / "broken.json"
    broken.write_text("{")
    host.run("modify", "-u", one, "-p", "matrix", "--jsonfile", str(broken),
             status=INVALID)
    # A file cannot hold definitions.
    (host.root / "etc/mdevctl.d/file").touch()
    steps = host.run("define", "-u", two, "-p", "file", "-t", TYPE,
                     status=FAILED)
    expect([step[0] for step in steps] == ["begin", "end"], steps)


def dead_holder(host):
    """the lock of a dead process does not delay commands"""
    with subprocess.Popen(["true"]) as dead:
        dead.wait()
    (host.ap / "lock").write_text(f"{dead.pid}\n")
    steps = host.run("define", "-u", uuid(1), "-p", "matrix", "-t", TYPE)
    expect([step[0] for step in steps] == ["stale", "begin", "end"], steps)


def many_processes(host):
    """commands of many processes run their scripts one after the other"""
    for verb in (["define", "-p", "matrix", "-t", TYPE], ["modify", "--auto"],
                 ["start"], ["stop"], ["undefine"]):
        commands = [host.start(*verb, "-u", uuid(number))
                    for number in range(6)]
        for command in commands:
            host.finish(command, DONE)
        host.check_free()
    expect(len(host.steps()) == 5 * 6 * 2, host.steps())


def define_beside_modify(host):
    """commands that take this lock and the store's lock do not deadlock"""
    host.run("define", "-u", uuid(1), "-p", "matrix", "-t", TYPE)
    for first in (["define", "-p", "matrix", "-t", TYPE], ["undefine"]):
        # The first command keeps the script's lock until the second one waits,
        # either for this lock or for the store's lock, which is not visible
        # here.
        (host.ap / "hold").touch()
        (host.ap / "waits").unlink(missing_ok=True)
        steps = len(host.steps())
        commands = [host.start(*first, "-u", uuid(2),
                               MDEVCTL_SCRIPT_TIMEOUT="5")]
        while len(host.steps()) == steps:
            expect(commands[0].poll() is None,
                   "the command has not taken the lock")
        commands.append(host.start("modify", "-u", uuid(1), "--auto",
                                   MDEVCTL_SCRIPT_TIMEOUT="5"))
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline and not (host.ap / "waits").exists():
            time.sleep(0.01)
        (host.ap / "hold").unlink()
        for command in commands:
            host.finish(command, DONE)
        host.check_free()


def sixteen_listed(host):
    """a list asks about one device at a time, and shows all attributes"""
    (host.ap / "attributes").touch()
    wanted = {}
    for number in range(16):
        host.run("start", "-u", uuid(number), "-p", "matrix", "-t", TYPE)
        wanted[uuid(number)] = [
            {"assign_adapter": "5"}, {"assign_domain": f"{number:012}"}]
    before = len(host.steps())
    with host.start("list", "--dumpjson") as command:
        listed, errors = command.communicate(timeout=LIMIT)
    expect(command.returncode == DONE and not errors, errors)
    found = {name: device["attrs"] for entry in json.loads(listed)[0]["matrix"]
             for name, device in entry.items()}
    expect(found == wanted, found)
    steps = [step[0] for step in host.steps()[before:]]
    expect(steps == 16 * ["begin", "end"], steps)
    host.check_free()


def threads(host):
    """two threads of one process run their scripts one after the other, with
    one and with two Environments"""
    for environments in ("1", "2"):
        host.program(environments)


CHECKS = (every_command, commands_that_fail, dead_holder, many_processes,
          define_beside_modify, sixteen_listed, threads)


def make(check, versioned, programs):
    with tempfile.TemporaryDirectory(prefix="mdevctl-ap-") as name:
        host = Host(pathlib.Path(name), programs)
        if not versioned:
            (host.ap / "unversioned").touch()
        with host.kernel():
            check(host)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevctl", required=True)
    parser.add_argument("--mdevsim", required=True)
    parser.add_argument("--threads", required=True,
                        help="the program ap_threads")
    programs = parser.parse_args()
    tap.skip_all_without_fuse()
    return tap.run([
        (check.__doc__ + note,
         functools.partial(make, check, versioned, programs))
        for versioned, note in ((True, ""), (False, ", without a version"))
        for check in CHECKS])


sys.exit(main())
