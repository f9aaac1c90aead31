# SPDX-License-Identifier: LGPL-2.1-or-later
"""Scripts that multiply, scripts with endless output, and scripts that are
replaced while they run. A command ends in time, ends all processes of a
script, and its result is correct."""
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import store as stores  # noqa: E402
from tap import expect  # noqa: E402

UUID = stores.uuid(1)
SCRIPT = "/usr/lib/mdevctl/scripts.d/callouts/s"
DEFINE = ("define", "-u", UUID, "-p", "P", "-t", "T")


def alive(store):
    """Returns the processes that a script of this store has left."""
    mark = f"SCRIPT_OF={store.root}".encode()
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            # A zombie has no environment.
            if mark in (process / "environ").read_bytes():
                found.append(process.name)
        except OSError:
            continue
    return found


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, "timed out")
        time.sleep(0.02)


def fork_bomb(store, _):
    """all processes of a script end with it at the time limit"""
    store.environment.update(MDEVCTL_SCRIPT_TIMEOUT="2",
                             SCRIPT_OF=str(store.root))
    # 2^7 shells, which are enough to see whether one survives.
    store.script("""
[ "$4" = pre ] || exit 0
trap '' TERM HUP INT
bomb() { [ $1 = 0 ] || { bomb $(($1 - 1)) & bomb $(($1 - 1)) & }
    while :; do sleep 1; done; }
bomb 6
""")
    store.refusal(*DEFINE, status=12, limit=200)
    wait_until(lambda: not alive(store))
    expect(not store.files(), store.files())


def flood(store, _):
    """a script that writes without end is ended at the time limit"""
    store.environment.update(MDEVCTL_SCRIPT_TIMEOUT="2",
                             SCRIPT_OF=str(store.root))
    store.script("[ $4 = pre ] || exit 0\nyes & yes >&2 & cat /dev/zero\n")
    # The million lines on stderr are printed. This test checks only that the
    # command ends.
    with store.start(*DEFINE) as process:
        process.communicate(timeout=200)
    expect(process.returncode == 12, f"{process.returncode}")
    wait_until(lambda: not alive(store))
    expect(not store.files(), store.files())


# Waits in `pre` until the test has made its change.
WAITING = """
[ "$4" = pre ] || exit 0
echo >"$ROOT/waiting"
while [ -e "$ROOT/waiting" ]; do sleep 0.02; done
"""


def during_pre(store, body, change):
    """Returns the result of define if `change` is called while the script
    runs."""
    store.environment["ROOT"] = str(store.root)
    script = store.script(body)
    with store.start(*DEFINE) as process:
        wait_until((store.root / "waiting").exists)
        change(script)
        (store.root / "waiting").unlink()
        _, stderr = process.communicate(timeout=200)
    return process.returncode, stderr


def replaced(store, _):
    """a script that is replaced while it runs ends as the old script, and the
    new script gets `post`"""
    def replace(script):
        new = store.root / "new"
        new.write_text(f'#!/bin/sh\necho "$4 $8" >>{store.root}/called\n')
        new.chmod(0o755)
        os.replace(new, script)

    status, stderr = during_pre(store, WAITING, replace)
    expect(status == 0 and not stderr, f"{status}: {stderr}")
    expect((store.root / "called").read_text() == "post success\n",
           "the new script is not called")
    expect(store.definition(UUID), "the device is not defined")


def removed(store, _):
    """a script that is removed while it runs causes a warning, and the command
    succeeds"""
    status, stderr = during_pre(store, WAITING, os.unlink)
    expect(status == 0 and SCRIPT in stderr, f"{status}: {stderr}")
    expect(store.definition(UUID), "the device is not defined")


def deprived(store, _):
    """a script that becomes not executable also causes a warning"""
    status, stderr = during_pre(store, WAITING, lambda path: path.chmod(0o644))
    expect(status == 0 and SCRIPT in stderr, f"{status}: {stderr}")


def store_changed(store, _):
    """a definition that appears while a script runs is not overwritten"""
    def define(_):
        (store.definitions / "P").mkdir(parents=True)
        (store.definitions / "P" / UUID).write_text(
            '{"mdev_type": "other", "start": "manual"}')

    status, stderr = during_pre(store, WAITING, define)
    expect(status == 5, f"{status}: {stderr}")
    expect(store.definition(UUID)["mdev_type"] == "other", "overwritten")


sys.exit(stores.main(__doc__, [
    fork_bomb, flood, replaced, removed, deprived, store_changed]))
