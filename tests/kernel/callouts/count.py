# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the scripts that a list of very many devices starts in total and at
the same time. Prints TAP."""
import argparse
import collections
import functools
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from tap import expect  # noqa: E402

DEVICES = 1000
SERVED = 100  # devices, for a script that answers
LIMIT = 120  # seconds for one command
NAMES = ("a", "b", "c")


def uuid(number):
    return f"11111111-2222-3333-4444-{number:012}"


class Host:
    """A root with scripts and a simulated kernel with devices."""

    def __init__(self, root, programs):
        self.root = root
        self.programs = programs
        self.log = root / "log"
        (root / "sys").mkdir()

    def script(self, name, body):
        scripts = self.root / "usr/lib/mdevctl/scripts.d/callouts"
        scripts.mkdir(parents=True, exist_ok=True)
        path = scripts / name
        path.write_text(
            f"#!/bin/sh\nevent=$4 action=$6\n"
            f"step() {{ echo \"$1 {name} $event $action\" >>'{self.log}'; }}\n"
            f"step begin\n{body}\n")
        path.chmod(0o755)

    def list(self, devices, *words):
        """Runs a command. Returns its output, and the log of the scripts."""
        self.log.unlink(missing_ok=True)
        options = [f"--device={uuid(number)}=host/plain-1"
                   for number in range(devices)]
        done = subprocess.run(
            [self.programs.mdevsim, self.root / "sys",
             f"--parent=host=plain:{DEVICES}:1", *options, "--",
             self.programs.mdevctl, "list", *words],
            env={**os.environ, "MDEVCTL_ENV_ROOT": str(self.root)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=LIMIT, check=False)
        expect(done.returncode == 0 and not done.stderr,
               f"{done.returncode}: {done.stderr}")
        expect(sum(uuid(number) in done.stdout for number in range(devices))
               == devices, "not all devices are listed")
        return done.stdout, [
            line.split() for line in self.log.read_text().splitlines()]


def calls_by_event(steps):
    return collections.Counter(
        (event, action) for step, _, event, action in steps if step == "begin")


def most_at_once(steps):
    most = running = 0
    for step in steps:
        running += 1 if step[0] == "begin" else -1
        most = max(most, running)
    return most


def foreign_scripts(host):
    """three scripts that exit with 2 are started once for 1,000 devices"""
    for name in NAMES:
        host.script(name, "exit 2")
    for words in (["-v"], ["--dumpjson"]):
        _, steps = host.list(DEVICES, *words)
        calls = calls_by_event(steps)
        expect(calls == {("get", "capabilities"): len(NAMES),
                         ("get", "attributes"): len(NAMES)}, calls)


def scripts_that_know_no_events(host):
    """scripts that exit with 2 only for attributes are not started more often
    """
    for name in NAMES:
        host.script(name, "[ $action != attributes ] || exit 2")
    _, steps = host.list(DEVICES, "-v")
    for event, count in calls_by_event(steps).items():
        expect(count == len(NAMES), f"{event}: {count}")


def serving_script(host):
    """a script that answers runs at most once for each processor at a time"""
    host.script("a", "[ $action = capabilities ] || echo '[{\"a\":\"b\"}]'\n"
                "step end")
    output, steps = host.list(SERVED, "-v")
    expect(output.count('@{0}: {"a":"b"}') == SERVED, "attributes")
    calls = calls_by_event(steps)
    expect(calls == {("get", "capabilities"): 1, ("get", "attributes"): SERVED},
           calls)
    processors = len(os.sched_getaffinity(0))
    most = most_at_once(steps)
    expect(most <= processors, f"{most} scripts on {processors} processors")


CHECKS = (foreign_scripts, scripts_that_know_no_events, serving_script)


def make(check, programs):
    with tempfile.TemporaryDirectory(prefix="mdevctl-count-") as name:
        check(Host(pathlib.Path(name), programs))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevctl", required=True)
    parser.add_argument("--mdevsim", required=True)
    programs = parser.parse_args()
    tap.skip_all_without_fuse()
    return tap.run([(check.__doc__, functools.partial(make, check, programs))
                    for check in CHECKS])


sys.exit(main())
