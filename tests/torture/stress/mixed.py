# SPDX-License-Identifier: LGPL-2.1-or-later
"""Dozens of writers and readers use all commands at the same time, on a
simulated kernel, with scripts that call mdevctl themselves. The change of a
successful command is visible to all later readers, and no command waits
without end."""
import collections
import json
import pathlib
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import simulated  # noqa: E402
import store as stores  # noqa: E402
from tap import Failure, Skip, comment, expect, has_fuse  # noqa: E402

SHARED = [stores.uuid(number) for number in range(4)]
CALLED_BACK = stores.uuid(10)
TYPE = "mtty-1"

# Each event lists the store. After a command is done, its script also writes,
# and notes the change. The script of a command in a script does not.
SCRIPT = """
[ -z "$CALLED_BACK" ] || exit 0
export CALLED_BACK=1
uuid=${10}
[ "$4" != get ] || exit 0
"$MDEVCTL" list -d >/dev/null || exit 1
if [ "$4 $8" = "post success" ] && [ "$6" != modify -o "$uuid" = %s ]; then
    "$MDEVCTL" modify -u %s --addattr "$6.$$" --value x &&
        echo "$6.$$" >>"$NOTES"
fi
exit 0
""" % (SHARED[0], CALLED_BACK)


class Work:
    """The data that all threads share."""

    def __init__(self, store, options):
        self.store = store
        self.until = options.seconds and time.monotonic() + options.seconds
        self.rounds = options.rounds
        self.lock = threading.Lock()
        self.kept = {uuid: set() for uuid in SHARED}
        self.counts = collections.Counter()
        self.failures = []

    def goes_on(self, turn):
        more = time.monotonic() < self.until if self.until \
            else turn < self.rounds
        return more and not self.failures

    def command(self, *words, allowed=(0,)):
        """Runs a command. Returns its exit status and its output. Every other
        status is a failure, including 12: the command waited for a minute."""
        with self.store.start(*words) as process:
            try:
                stdout, stderr = process.communicate(timeout=200)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise Failure(f"{words}: hangs") from error
        expect(process.returncode in allowed,
               f"{words}: {process.returncode}: {stderr}")
        with self.lock:
            self.counts[f"{words[0]} {process.returncode}"] += 1
        return process.returncode, stdout


def attributes_of(definition):
    return [name for each in definition["attrs"] for name in each]


def add_attribute(work, me, turn):
    """An attribute that has been added remains."""
    uuid = SHARED[turn % len(SHARED)]
    name = f"a{me}.{turn}"
    work.command("modify", "-u", uuid, "--addattr", name, "--value", "v")
    with work.lock:
        work.kept[uuid].add(name)


def come_and_go(work, me, turn):
    """A device that one thread uses, below one of two parents."""
    uuid = stores.uuid(1000 + me)
    parent = f"come{turn % 2}"
    work.command("define", "-u", uuid, "-p", parent, "-t", TYPE)
    definition = work.store.definition(uuid, parent)
    expect(definition and definition["mdev_type"] == TYPE,
           f"{uuid} is {definition}")
    work.command("modify", "-u", uuid, "-p", parent, "--auto")
    work.command("undefine", "-u", uuid)
    expect(work.store.definition(uuid, parent) is None, f"{uuid} stays")


def fight(work, me, turn):
    """A device that all threads define and start."""
    uuid = stores.uuid(2000 + random.randrange(3))
    work.command("define", "-u", uuid, "-p", "mtty", "-t", TYPE,
                 allowed=(0, 5))
    # 4 and 5 mean that the device is not active or already active, 3 that it is
    # not defined. 1 is the kernel's error for the second of two simultaneous
    # requests.
    work.command("start", "-u", uuid, allowed=(0, 1, 3, 4, 5))
    work.command("stop", "-u", uuid, allowed=(0, 1, 4))
    work.command("undefine", "-u", uuid, allowed=(0, 3))


def run_device(work, me, turn):
    """A device that one thread uses is active from its start to its stop."""
    uuid = stores.uuid(3000 + me)
    work.command("start", "-u", uuid, "-p", "plain", "-t", "plain-1")
    _, listed = work.command("list")
    expect(uuid in listed, f"{uuid} is started, but not listed")
    work.command("stop", "-u", uuid)
    _, listed = work.command("list")
    expect(uuid not in listed, f"{uuid} is stopped, but listed")


def read_list(work, me, turn):
    """Every shared device is listed, with all attributes that were added
    before."""
    with work.lock:
        before = {uuid: set(names) for uuid, names in work.kept.items()}
    _, stdout = work.command("list", "-d", "--dumpjson")
    found = {}
    for parents in json.loads(stdout):
        for device in parents.get("shared", []):
            found.update(device)
    for uuid, names in before.items():
        expect(uuid in found, f"{uuid} is missing")
        missing = names.difference(attributes_of(found[uuid]))
        expect(not missing, f"{uuid}: {missing} is missing")


def read_files(work, me, turn):
    """Every shared device is complete for a program that reads the files
    itself."""
    with work.lock:
        before = {uuid: set(names) for uuid, names in work.kept.items()}
    for uuid, names in before.items():
        definition = work.store.definition(uuid, "shared")
        expect(definition is not None, f"{uuid} is missing")
        missing = names.difference(attributes_of(definition))
        expect(not missing, f"{uuid}: {missing} is missing")


JOBS = (add_attribute, read_list, come_and_go, read_list, run_device,
        add_attribute, fight, read_files)


def loop(work, me):
    job = JOBS[me % len(JOBS)]
    turn = 0
    while work.goes_on(turn):
        try:
            job(work, me, turn)
        except (Failure, ValueError, KeyError) as failure:
            work.failures.append(f"{job.__name__}: {failure}")
        turn += 1


def mount(store, mdevsim):
    """Mounts the simulated kernel below the root."""
    if not mdevsim or not has_fuse():
        raise Skip("no simulated kernel")
    (store.root / "sys").mkdir()
    return simulated.kernel(mdevsim, store.root / "sys", "--parent", "mtty=mtty",
                            "--parent", "plain=plain:64:1")


def check_end(work, notes):
    """Checks that all changes are stored, and that no other file remains."""
    store = work.store
    for uuid, names in work.kept.items():
        found = attributes_of(store.definition(uuid, "shared"))
        expect(sorted(found) == sorted(names),
               f"{uuid}: {names.symmetric_difference(found)}")
    # Process numbers are used again, so attributes may repeat.
    called = sorted(notes.read_text().split()) if notes.exists() else []
    kept = sorted(attributes_of(store.definition(CALLED_BACK, "shared")))
    expect(called, "no script has called anything")
    expect(called == kept, f"scripts have added {called}, stored are {kept}")
    known = {f"shared/{uuid}" for uuid in (*SHARED, CALLED_BACK)}
    left = {name for name in store.files()
            if not name.startswith("mtty/")} - known
    expect(not left, f"{left} was not removed")
    return len(called)


def everything_at_once(store, options):
    """many writers and readers lose and break nothing, and none waits without
    end"""
    # On a kernel without a parent of this name, mdevctl would warn.
    for uuid in (*SHARED, CALLED_BACK):
        store.run("define", "-u", uuid, "-p", "shared", "-t", TYPE)
    kernel = mount(store, options.mdevsim)
    try:
        notes = store.root / "notes"
        store.environment.update(MDEVCTL=store.mdevctl, NOTES=str(notes))
        store.script(SCRIPT)
        work = Work(store, options)
        threads = [threading.Thread(target=loop, args=(work, me))
                   for me in range(options.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(not work.failures, "\n".join(work.failures[:5]))
        called = check_end(work, notes)
        comment(f"{sum(work.counts.values())} commands "
                f"{dict(sorted(work.counts.items()))}, {called} from scripts")
    finally:
        kernel.terminate()
        kernel.communicate()


def add_options(parser):
    parser.add_argument("--mdevsim", help="the simulated kernel")
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=2,
                        help="rounds of each thread")
    parser.add_argument("--seconds", type=int,
                        help="continue for so many seconds instead")


sys.exit(stores.main(__doc__, [everything_at_once], add_options))
