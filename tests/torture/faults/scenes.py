# SPDX-License-Identifier: LGPL-2.1-or-later
"""The commands to disturb: each command in each situation that it handles
differently."""
import collections
import json
import re
import shutil

import strace
from tap import expect

UUID = strace.stores.uuid(1)
OTHER = strace.stores.uuid(2)
NEXT = strace.stores.uuid(3)
LEFTOVER = ".mdevctl-new"


def definition(value=None):
    attributes = [{"a": value}] if value else []
    return {"mdev_type": "T", "start": "manual", "attrs": attributes}


NEW = definition("v" * 5000)
DEFINE = ["define", "-u", UUID, "-p", "P", "-t", "T"]
MODIFY = ["modify", "-u", UUID, "--addattr", "a", "--value", "v" * 5000]
UNDEFINE = ["undefine", "-u", UUID]

# `before` and `after` are the contents of UUID's definition. `others` are the
# files beside it. `unnamed` is false for a file system that cannot make files
# without a name.
Scene = collections.namedtuple(
    "Scene", "title words before after others unnamed",
    defaults=((), True))

SCENES = [
    Scene("define, the first of its parent", DEFINE, None, definition()),
    Scene("define beside another", DEFINE, None, definition(), (OTHER,)),
    Scene("define after a writer that was killed", DEFINE, None, definition(),
          (LEFTOVER,)),
    Scene("define on a file system without unnamed files", DEFINE, None,
          definition(), (OTHER,), False),
    Scene("modify", MODIFY, definition(), NEW),
    Scene("modify after a writer that was killed", MODIFY, definition(), NEW,
          (OTHER, LEFTOVER)),
    Scene("undefine, the last of its parent", UNDEFINE, definition(), None),
    Scene("undefine beside another", UNDEFINE, definition(), None, (OTHER,)),
    Scene("undefine after a writer that was killed", UNDEFINE, definition(),
          None, (LEFTOVER,)),
]


def prepare(store, scene):
    """Puts the store into the state before the command, without mdevctl."""
    shutil.rmtree(store.definitions, ignore_errors=True)
    store.definitions.parent.mkdir(exist_ok=True)
    if not scene.before and not scene.others:
        return
    parent = store.definitions / "P"
    parent.mkdir(parents=True)
    for name in scene.others:
        text = "half a def" if name == LEFTOVER else json.dumps(definition())
        (parent / name).write_text(text)
    if scene.before:
        (parent / UUID).write_text(json.dumps(scene.before))
        (parent / UUID).chmod(0o640)


def unnamed_file(calls):
    """Returns which of the calls makes a file without a name."""
    return next(number for number, call in enumerate(calls)
                if "O_TMPFILE" in call.arguments)


def without_unnamed(calls):
    """Returns the injection that disables unnamed files."""
    call = calls[unnamed_file(calls)]
    return [f"{call.name}:error=EOPNOTSUPP:when={call.nth}"]


def undisturbed(store, scene):
    """Returns the calls of a successful run, the injections that it needs, and
    its output."""
    prepare(store, scene)
    done = strace.run(store, scene.words)
    needed = [] if scene.unnamed else without_unnamed(done.calls)
    if needed:
        prepare(store, scene)
        done = strace.run(store, scene.words, needed)
    expect(done.status == 0, f"{scene.title}: {done.stderr}")
    expect(store.definition(UUID) == scene.after,
           f"{scene.title}: the definition is wrong")
    return done.calls, needed, done.stdout


def injectable(call, needed):
    """strace makes one injection for calls of one name."""
    return not any(each.startswith(call.name + ":") for each in needed)


def changes(call):
    """Returns whether a call can change files on disk."""
    return bool(re.match(
        r"mkdir|unlink|link|rename|write|fsync|fchmod|fchown|rmdir|flock",
        call.name)) or "O_CREAT" in call.arguments or \
        "O_TMPFILE" in call.arguments
