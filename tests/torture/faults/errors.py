# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes each system call of a command on files fail once with each error.
Either the command prints one sentence, exits with a failure, has changed
nothing and leaves no file behind; or the command succeeds completely."""
import errno
import os
import re
import sys

import scenes
import strace
from tap import Failure, comment, expect

ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EACCES", "EMFILE", "EINTR")
FILE_CALL = re.compile(
    r"open|read|write|close|.*stat|fcntl|getdents|mkdir|.*link|rename|"
    r"fsync|flock|fch|access|poll|lseek|pipe|memfd|dup|.*xattr")

LIST = scenes.Scene("list", ["list", "-d"], scenes.definition(),
                    scenes.definition(), (scenes.OTHER,))
SCENES = [*scenes.SCENES, LIST]


def snapshot(store):
    """Returns every file and directory of the store except the lock, with mode
    and text."""
    found = {}
    for path in sorted(store.definitions.rglob("*")):
        if path.name not in (".lock", scenes.LEFTOVER):
            found[str(path.relative_to(store.definitions))] = (
                path.stat().st_mode,
                path.read_bytes() if path.is_file() else None)
    return found


def sentences(stderr):
    return [line for line in stderr.splitlines() if line.startswith("Error: ")]


class Fault:
    """One call that fails with one error."""

    def __init__(self, scene, call, error, needed):
        self.scene = scene
        self.call = call
        self.error = error
        self.injections = [
            *needed, f"{call.name}:error={error}:when={call.nth}"]
        self.text = os.strerror(getattr(errno, error))

    def __str__(self):
        return (f"{self.error} from {self.call.name}"
                f"({self.call.arguments[:90]})")

    def check(self, store, before, after, printed):
        done = strace.run(store, self.scene.words, self.injections)
        now = snapshot(store)
        expect(any(call.result.endswith("(INJECTED)") for call in done.calls),
               "the call is never made")
        left = strace.open_descriptors(done.calls)
        expect(not left, f"left open: {left}")
        if done.status == 0:
            self.check_success(done, now, after, printed)
        else:
            self.check_failure(done, now, before, after)
        self.check_leftover(store)

    def check_success(self, done, now, after, printed):
        """The command has succeeded despite the error. A list may warn about
        omitted entries."""
        if "AT_REMOVEDIR" in self.call.arguments and "P" not in after:
            now.pop("P", None)  # an empty directory does not matter
        expect(now == after, f"the command succeeds, but the store has {now}")
        expect(done.stdout == printed or self.text in done.stderr,
               f"the command succeeds, but prints {done.stdout}")

    def check_failure(self, done, now, before, after):
        said = sentences(done.stderr)
        expect(done.status in (1, 11), f"status {done.status}: {done.stderr}")
        expect(len(said) == 1, f"not one sentence: {done.stderr}")
        expect(self.text in said[0], f"the reason is not in: {said[0]}")
        done_already = "may be lost if the host crashes" in said[0]
        if done_already and "P" not in after:
            now.pop("P", None)  # an empty directory does not matter
        expect(now == (after if done_already else before),
               f"{said[0]}: but the store has {now}")

    def check_leftover(self, store):
        """A remaining temporary file existed before, or could not be removed.
        """
        if scenes.LEFTOVER in self.scene.others or \
                self.call.name == "unlinkat":
            return
        left = [name for name in store.files() if scenes.LEFTOVER in name]
        expect(not left, f"{left} was not removed")


def faults(store, scene, calls, needed, options):
    """Yields all faults, or each call with one error in turn, and the calls
    that change a file with all errors."""
    work = strace.work_of(store, calls)
    if needed:  # an earlier error would change the count
        work = work[scenes.unnamed_file(work) + 1:]
    work = [call for call in work
            if FILE_CALL.match(call.name) and scenes.injectable(call, needed)]
    for number, call in enumerate(work):
        every = options.all or (scenes.changes(call) and call.name != "flock")
        for error in ERRORS if every else [ERRORS[number % len(ERRORS)]]:
            yield Fault(scene, call, error, needed)


def inject(scene):
    def check(store, options):
        calls, needed, printed = scenes.undisturbed(store, scene)
        after = snapshot(store)
        failures = []
        for fault in faults(store, scene, calls, needed, options):
            scenes.prepare(store, scene)
            try:
                fault.check(store, snapshot(store), after, printed)
            except Failure as failure:
                failures.append(f"{fault}: {failure}")
            options.faults += 1
        expect(not failures, "\n".join(failures[:5]))
    check.__doc__ = f"{scene.title}: each error is reported and changes nothing"
    return check


def total(_, options):
    """every fault was injected"""
    comment(f"{options.faults} faults injected")
    expect(options.faults >= 20 * len(SCENES), f"only {options.faults} faults")


def add_options(parser):
    parser.add_argument("--all", action="store_true",
                        help="each call with each error")
    parser.set_defaults(faults=0)


strace.skip_unless_usable()
sys.exit(strace.stores.main(
    __doc__, [*map(inject, SCENES), total], add_options))
