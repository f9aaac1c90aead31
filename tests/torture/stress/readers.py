# SPDX-License-Identifier: LGPL-2.1-or-later
"""Readers of a store that is being written see each definition's old file or
its new file, complete, and do not wait."""
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import store as stores  # noqa: E402
from tap import Failure, Skip, expect  # noqa: E402

# The writer is a process of its own, so that it does not wait for Python's
# lock.
REPLACE = """
import os, sys
os.chdir(sys.argv[1])
names = os.listdir()
while True:
    for name in names:
        with open(".new", "w") as file:
            file.write('{"mdev_type": "T", "start": "auto"}')
        os.replace(".new", name)
"""
DEVICES = [stores.uuid(number) for number in range(10)]


class Readers:
    """Threads that read while the `with` block runs."""

    def __init__(self, count, look):
        self.looks = 0
        self.failures = []
        self.done = threading.Event()
        self.look = look
        self.threads = [threading.Thread(target=self.read)
                        for _ in range(count)]

    def read(self):
        while not self.done.is_set() and not self.failures:
            try:
                self.look()
                self.looks += 1
            except (Failure, ValueError, KeyError) as failure:
                self.failures.append(failure)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join()
        for failure in self.failures:
            raise Failure(failure)
        expect(self.looks > 0, "no thread has read the store")


def define_all(store):
    for uuid in DEVICES:
        store.run("define", "-u", uuid, "-p", "P", "-t", "T")


def rewrite(store, count):
    """Each device in turn gets an attribute and another start mode, and loses
    the attribute."""
    for turn in range(count):
        uuid = DEVICES[turn % len(DEVICES)]
        change = [
            ["--addattr", "a", "--value", "v" * turn * 20],
            ["--auto"],
            ["--delattr"],
        ][turn // len(DEVICES) % 3]
        store.run("modify", "-u", uuid, *change)


def lists_are_whole(store, options):
    """a list has every device while their definitions are rewritten"""
    def look():
        expect(sorted(store.listed()["P"]) == DEVICES,
               "a device is missing")

    define_all(store)
    with Readers(2, look):
        rewrite(store, options.rewrites)


def files_are_whole(store, options):
    """a program that reads the files itself finds complete definitions"""
    def look():
        for uuid in DEVICES:
            definition = store.definition(uuid)
            expect(definition, f"{uuid} is missing")
            expect(list(definition) == ["mdev_type", "start", "attrs"],
                   definition)

    define_all(store)
    with Readers(1, look):
        rewrite(store, options.rewrites)


def lists_have_the_others(store, options):
    """a list has every other device while some are defined and undefined"""
    others = DEVICES[:5]

    def look():
        expect(set(others) <= set(store.listed()["P"]),
               "a device is missing")

    for uuid in others:
        store.run("define", "-u", uuid, "-p", "P", "-t", "T")
    with Readers(2, look):
        for turn in range(options.rewrites // 4):
            parent = "PQ"[turn % 2]
            store.run("define", "-u", DEVICES[9], "-p", parent, "-t", "T")
            store.run("undefine", "-u", DEVICES[9])


@contextlib.contextmanager
def replacing(directory):
    """Replaces each file again and again in another process during the `with`
    block. The content stays."""
    with subprocess.Popen([sys.executable, "-c", REPLACE, directory]) as writer:
        try:
            yield
            expect(writer.poll() is None, "the writer has ended")
        finally:
            writer.kill()


def lists_miss_none(store, options):
    """a list of 3,000 definitions has all of them while all are replaced"""
    # On tmpfs and btrfs a replaced file gets another place in its directory; on
    # ext4 and xfs it does not.
    if not os.access("/dev/shm", os.W_OK):
        raise Skip("there is no tmpfs with write permission")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        root = pathlib.Path(name)
        parent = root / "etc/mdevctl.d/P"
        parent.mkdir(parents=True)
        uuids = [stores.uuid(number) for number in range(3000)]
        for uuid in uuids:
            (parent / uuid).write_text('{"mdev_type": "T", "start": "auto"}')
        here = stores.Store(store.mdevctl, root)
        with replacing(parent):
            for _ in range(options.lists):
                listed = {line.split()[0]
                          for line in here.run("list", "-d").splitlines()}
                missing = set(uuids) - listed
                expect(not missing, f"missing: {sorted(missing)}")


def add_options(parser):
    parser.add_argument("--rewrites", type=int, default=300)
    parser.add_argument("--lists", type=int, default=100,
                        help="lists of 3,000 definitions; 2,000 take minutes")


sys.exit(stores.main(
    __doc__, [lists_are_whole, files_are_whole, lists_have_the_others,
              lists_miss_none],
    add_options))
