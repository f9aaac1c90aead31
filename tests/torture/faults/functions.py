#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills a start on a virtual function before and after each of its system
calls. The function then has no device, or the right device with its own UUID,
and the next start succeeds."""
import json
import shutil
import signal
import sys

import scenes
import strace
from tap import Failure, expect

PARENT = "0000:41:00.4"
TYPE = "nvidia-1147"
START = ["start", "-u", scenes.UUID, "-p", PARENT, "-t", TYPE]


def prepare(store):
    shutil.rmtree(store.root / "run", ignore_errors=True)
    vendor = store.root / f"sys/bus/pci/devices/{PARENT}/nvidia"
    vendor.mkdir(parents=True, exist_ok=True)
    (vendor / "creatable_vgpu_types").write_text("1147  : NVIDIA L40S-1Q\n")
    (vendor / "current_vgpu_type").write_text("0\n")


def active(store):
    """Returns {uuid: type} of the function."""
    listed = json.loads(store.run("list", "--json"))["devices"]
    return {each["uuid"]: each["type"] for each in listed}


def killed(store, _):
    """a start on a virtual function, killed at each call: no device or the
    right device"""
    prepare(store)
    done = strace.run(store, START)
    expect(done.status == 0, done.stderr)
    expect(active(store) == {scenes.UUID: TYPE}, "the device is not active")
    work = strace.work_of(store, done.calls)
    outcomes = set()
    for before, call in zip([None, *work], work):
        if not (scenes.changes(call) or before and scenes.changes(before) or
                call.name == "exit_group"):
            continue
        prepare(store)
        done = strace.run(store, START,
                          [f"{call.name}:signal=KILL:when={call.nth}"])
        place = f"before {call.name}({call.arguments[:80]}): "
        expect(done.status == -signal.SIGKILL, place + "not killed")
        found = active(store)
        expect(found in ({}, {scenes.UUID: TYPE}), place + str(found))
        outcomes.add(bool(found))
        try:
            store.run(*START, "--if-needed")
        except Failure as failure:
            raise Failure(place + str(failure)) from failure
        expect(active(store) == {scenes.UUID: TYPE}, place + "the next start")
    expect(outcomes == {True, False}, f"only {outcomes} has occurred")


killed.__doc__ = " ".join(killed.__doc__.split())
strace.skip_unless_usable()
sys.exit(strace.stores.main(__doc__, [killed]))
