# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills each command before and after each of its system calls. Every
definition is then either the old one or the new one, complete, and readable by
us and by the distribution's mdevctl. The next writer works and removes
temporary files."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import scenes
import strace
from tap import Failure, comment, expect


class Peer:
    """Another mdevctl that reads the same definitions. It has a fixed root, so
    it runs with our directory mounted there."""

    def __init__(self, program):
        self.program = program
        libraries = subprocess.run(["ldd", program], capture_output=True,
                                   text=True, check=True).stdout
        self.files = [program, *re.findall(r"(/\S+) \(0x", libraries)]

    def install(self, root):
        for file in self.files:
            target = root / file[1:]
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
        for needed in ("callouts", "notifiers"):
            (root / "etc/mdevctl.d/scripts.d" / needed).mkdir(
                parents=True, exist_ok=True)

    def listed(self, store):
        """Returns {uuid: definition} below P."""
        self.install(store.root)
        done = subprocess.run(
            ["chroot", store.root, self.program, "list", "-d", "--dumpjson"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False)
        expect(done.returncode == 0, f"{self.program}: {done.stderr}")
        found = {}
        for parents in json.loads(done.stdout or "[]"):
            for device in parents.get("P", []):
                found.update(device)
        return found


def of_distribution(directory):
    """Returns Debian's mdevctl, unpacked below `directory`; None if the
    package is not available or the user may not use it."""
    if not all(map(shutil.which, ("apt-get", "dpkg-deb", "chroot", "ldd"))) \
            or os.getuid() != 0:
        return None
    quiet = {"cwd": directory, "stdin": subprocess.DEVNULL, "check": False,
             "capture_output": True}
    subprocess.run(["apt-get", "download", "-q", "mdevctl"], **quiet)
    for package in pathlib.Path(directory).glob("mdevctl_*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, directory], **quiet)
    for name in ("usr/bin/mdevctl", "usr/sbin/mdevctl"):
        program = os.path.join(directory, name)
        if os.access(program, os.X_OK):
            return Peer(program)
    return None


def check_whole(store, scene, peer):
    """Checks that the definition is complete. Returns whether it is the new
    one."""
    try:
        definition = store.definition(scenes.UUID)
    except ValueError as error:
        raise Failure(f"the file is broken: {error}") from error
    expect(definition in (scene.before, scene.after),
           f"the file has {definition}")
    listed = store.listed().get("P", {})
    expect(listed.get(scenes.UUID) == definition, f"the list has {listed}")
    if scenes.OTHER in scene.others:
        expect(listed.get(scenes.OTHER) == scenes.definition(),
               "the other definition has changed")
    if peer:
        seen = peer.listed(store)
        expect(seen.get(scenes.UUID) == definition,
               f"{peer.program} says {seen}")
    return definition == scene.after


def check_next_writer(store):
    store.run("define", "-u", scenes.NEXT, "-p", "P", "-t", "T")
    known = {f"P/{each}" for each in (scenes.UUID, scenes.OTHER, scenes.NEXT)}
    left = set(store.files()) - known
    expect(not left, f"{left} was not removed")
    expect(store.definition(scenes.NEXT) == scenes.definition(),
           "the definition of the next writer")


def chosen(store, calls, options):
    """Returns all calls, or the calls around a change."""
    if options.all:
        return calls
    work = strace.work_of(store, calls)
    return [call for before, call in zip([None, *work], work)
            if scenes.changes(call) or (before and scenes.changes(before)) or
            call.name == "exit_group"]


def crash(scene):
    def check(store, options):
        calls, needed, _ = scenes.undisturbed(store, scene)
        kills = 0
        outcomes = set()
        for call in chosen(store, calls, options):
            # Without exec there is no program.
            if call.name == "execve" or not scenes.injectable(call, needed):
                continue
            scenes.prepare(store, scene)
            # A killed process does not begin the call.
            done = strace.run(store, scene.words, [
                *needed, f"{call.name}:signal=KILL:when={call.nth}"])
            place = f"before {call.name}({call.arguments[:80]}): "
            try:
                expect(done.status == -signal.SIGKILL,
                       f"status {done.status}, not killed")
                outcomes.add(check_whole(store, scene, options.peer))
                check_next_writer(store)
            except Failure as failure:
                raise Failure(place + str(failure)) from failure
            kills += 1
        expect(outcomes == {True, False}, f"only {outcomes} has occurred")
        options.kills += kills
    check.__doc__ = f"{scene.title}, killed at each call: old or new, complete"
    return check


def total(_, options):
    """every kill was before or after a system call"""
    comment(f"{options.kills} kills"
            + (f", read by {options.peer.program}" if options.peer else ""))
    expect(options.kills >= 10 * len(scenes.SCENES),
           f"only {options.kills} kills")


def add_options(parser):
    parser.add_argument("--all", action="store_true",
                        help="at every call, not only around the changes")
    parser.add_argument("--peer", type=Peer, metavar="PROGRAM",
                        help="another mdevctl, which must read the same")
    parser.set_defaults(kills=0)


def prepare(options, directory):
    if options.all and not options.peer:
        options.peer = of_distribution(directory)


strace.skip_unless_usable()
with tempfile.TemporaryDirectory(prefix="mdevctl-peer-") as scratch:
    sys.exit(strace.stores.main(
        __doc__, [*map(crash, scenes.SCENES), total], add_options,
        lambda options: prepare(options, scratch)))
