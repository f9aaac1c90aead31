# SPDX-License-Identifier: LGPL-2.1-or-later
"""Directories that are made once for each input."""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import sys
import tempfile
import time


class Cache:
    """A directory of parts. A part is a directory whose name has a digest of
    its sources, so that no part is ever out of date."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory).resolve()
        self.directory.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def locked(self):
        """Lets one process at a time build a part."""
        with open(self.directory / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def part(self, name, made_from, make):
        """Returns the directory of a part. `make(directory)` fills it if the
        part is missing. `made_from` is a list of texts and of files."""
        target = self.directory / f"{name}-{digest(made_from)}"
        if target.exists():
            os.utime(target)
            return target
        begin = time.monotonic()
        with self.scratch() as scratch:
            unfinished = scratch / "part"
            unfinished.mkdir()
            make(unfinished)
            self.forget_old(name)
            unfinished.rename(target)
        say(f"made {target.name} in {time.monotonic() - begin:.0f} s")
        return target

    @contextlib.contextmanager
    def scratch(self):
        """A directory on the same file system that is removed at the end."""
        with tempfile.TemporaryDirectory(
                prefix="unfinished-", dir=self.directory) as name:
            yield pathlib.Path(name)

    def forget_old(self, name):
        """Removes the parts of other versions, except for the last one: a
        developer may change between two branches."""
        old = sorted(self.directory.glob(f"{name}-*"),
                     key=lambda part: part.stat().st_mtime)
        for part in old[:-1]:
            shutil.rmtree(part)


def digest(made_from):
    total = hashlib.sha256()
    for item in made_from:
        content = item.read_bytes() if isinstance(item, pathlib.Path) \
            else item.encode()
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()[:12]


def say(text):
    print(f"# {text}", file=sys.stderr, flush=True)
