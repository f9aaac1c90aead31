# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills writers at random moments. Each definition is then either the old one
or the new one, complete. The next writer works and removes temporary files."""
import json
import pathlib
import random
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import store as stores  # noqa: E402
from tap import Failure, comment, expect  # noqa: E402

UUID = stores.uuid(1)
OTHER = stores.uuid(2)
LARGE = "v" * 20000


def duration(store, words, restore):
    """Returns the usual time of a command that is not killed."""
    durations = []
    for _ in range(5):
        restore()
        begin = time.monotonic()
        store.run(*words)
        durations.append(time.monotonic() - begin)
    return sorted(durations)[2]


def killed(store, words, longest):
    """Kills a command after a random time. Returns whether it was killed."""
    with store.start(*words) as process:
        time.sleep(random.uniform(0, longest))
        process.send_signal(signal.SIGKILL)
        process.wait()
    return process.returncode == -signal.SIGKILL


def check_whole(store, possible):
    """Checks the definition. `possible` are its possible values."""
    try:
        definition = store.definition(UUID)
    except ValueError as error:
        raise Failure(f"the file is broken: {error}") from error
    expect(definition in possible, f"the file has {definition}")
    listed = store.listed().get("P", {}).get(UUID)
    expect(listed == definition, f"the list has {listed}")
    return definition


def check_next_writer(store):
    """Checks that the next writer works, and that only definitions remain."""
    store.run("define", "-u", OTHER, "-p", "P", "-t", "T")
    left = set(store.files()) - {f"P/{UUID}", f"P/{OTHER}"}
    expect(not left, f"{left} was not removed")
    expect(store.definition(OTHER) == definition(),
           "the definition of the next writer")


def definition(value=None):
    attributes = [{"a": value}] if value else []
    return {"mdev_type": "T", "start": "manual", "attrs": attributes}


def loop(store, options, words, restore, possible):
    """Kills `words` again and again. `restore` makes the state before."""
    longest = duration(store, words, restore) * 1.1
    kills = 0
    outcomes = []
    for _ in range(options.kills):
        restore()
        kills += killed(store, words, longest)
        outcome = check_whole(store, possible)
        check_next_writer(store)
        if outcome not in outcomes:
            outcomes.append(outcome)
    # This is not a failure: the times of commands vary.
    comment(f"{kills} of {options.kills} were killed in time, "
            f"{len(outcomes)} of {len(possible)} results have occurred")


def restoring(store, content):
    """Returns a function that restores or removes the definition, without
    mdevctl."""
    directory = store.definitions / "P"

    def restore():
        directory.mkdir(parents=True, exist_ok=True)
        (directory / OTHER).unlink(missing_ok=True)
        if content:
            (directory / UUID).write_text(json.dumps(content))
        else:
            (directory / UUID).unlink(missing_ok=True)
    return restore


def define_is_whole(store, options):
    """define, killed at any moment, defines a complete device or none"""
    loop(store, options, ["define", "-u", UUID, "-p", "P", "-t", "T"],
         restoring(store, None), [None, definition()])


def modify_is_whole(store, options):
    """modify, killed at any moment, leaves the old or the new definition"""
    loop(store, options,
         ["modify", "-u", UUID, "--addattr", "a", "--value", LARGE],
         restoring(store, definition()), [definition(), definition(LARGE)])


def undefine_is_whole(store, options):
    """undefine, killed at any moment, leaves the definition or none"""
    loop(store, options, ["undefine", "-u", UUID],
         restoring(store, definition()), [None, definition()])


def add_options(parser):
    parser.add_argument("--kills", type=int, default=200,
                        help="for each of the commands")


sys.exit(stores.main(
    __doc__, [define_is_whole, modify_is_whole, undefine_is_whole],
    add_options))
