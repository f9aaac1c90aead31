# SPDX-License-Identifier: LGPL-2.1-or-later
"""The common functions of the tests of the store: mdevctl on a root of its
own."""
import argparse
import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import tap


class Store:
    """mdevctl on a root of its own."""

    def __init__(self, mdevctl, root):
        self.mdevctl = os.path.abspath(mdevctl)
        self.root = root
        self.definitions = root / "etc/mdevctl.d"
        self.environment = dict(
            os.environ, MDEVCTL_ENV_ROOT=str(root), LC_ALL="C")
        self.environment.pop("MDEVCTL_LOG", None)

    def start(self, *words, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "env": self.environment,
                   "text": True, **options}
        return subprocess.Popen([self.mdevctl, *words], **options)

    def run(self, *words, **options):
        """Returns the output of a command that must succeed and print no
        message."""
        with self.start(*words, **options) as process:
            stdout, stderr = process.communicate()
        if process.returncode != 0 or stderr:
            raise tap.Failure(
                f"{' '.join(words)}: {process.returncode}: {stderr}")
        return stdout

    def refusal(self, *words, status=1, limit=60, **options):
        """Returns the only error of a command that must fail, in a limited
        time."""
        with self.start(*words, **options) as process:
            try:
                stdout, stderr = process.communicate(timeout=limit)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise tap.Failure(f"{' '.join(words)}: hangs") from error
        errors = [line for line in stderr.splitlines()
                  if line.startswith("Error: ")]
        if process.returncode != status or len(errors) != 1 or stdout:
            raise tap.Failure(f"{' '.join(words)}: {process.returncode}: "
                              f"{stdout}{stderr}")
        return errors[0]

    def parent(self, name, types=("T",)):
        """Adds a parent with types, with the files of the kernel."""
        directory = self.root / "sys/devices" / name
        bus = self.root / "sys/class/mdev_bus"
        bus.mkdir(parents=True, exist_ok=True)
        for each in types:
            at = directory / "mdev_supported_types" / each
            at.mkdir(parents=True)
            for attribute, text in (("available_instances", "8"), ("create", ""),
                                    ("device_api", "vfio-pci")):
                (at / attribute).write_text(text)
        (bus / name).symlink_to(f"../../devices/{name}")
        return directory

    def device(self, uuid, parent="P", kind="T"):
        """Adds an active device, on an existing parent."""
        directory = self.root / "sys/devices" / parent / uuid
        devices = self.root / "sys/bus/mdev/devices"
        devices.mkdir(parents=True, exist_ok=True)
        directory.mkdir()
        (directory / "mdev_type").symlink_to(
            f"../mdev_supported_types/{kind}")
        (directory / "remove").write_text("")
        (devices / uuid).symlink_to(f"../../../devices/{parent}/{uuid}")
        return directory

    def script(self, body, name="s", kind="callouts"):
        """Adds an executable script."""
        path = self.root / "usr/lib/mdevctl/scripts.d" / kind / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n" + body)
        path.chmod(0o755)
        return path

    def listed(self):
        """Returns {parent: {uuid: definition}} of all definitions."""
        found = {}
        for parents in json.loads(self.run("list", "-d", "--dumpjson")):
            for parent, devices in parents.items():
                found[parent] = {}
                for device in devices:
                    found[parent].update(device)
        return found

    def definition(self, uuid, parent="P"):
        """Returns the contents of the file; nothing if it does not exist."""
        try:
            return json.loads((self.definitions / parent / uuid).read_text())
        except FileNotFoundError:
            return None

    def files(self):
        """Returns all files except the lock."""
        return sorted(
            str(path.relative_to(self.definitions))
            for path in self.definitions.rglob("*")
            if path.is_file() and path.name != ".lock")


def uuid(number):
    return f"11111111-2222-3333-4444-{number:012}"


def on_new_root(check, options):
    with tempfile.TemporaryDirectory(prefix="mdevctl-store-") as name:
        check(Store(options.mdevctl, pathlib.Path(name)), options)


def main(description, checks, add_options=None, prepare=None):
    """Runs each check on a new root. `checks` are functions of a store and the
    options, with the title as documentation. `prepare` may complete the
    options first."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--mdevctl", default=shutil.which("mdevctl"),
                        help="the program to test")
    if add_options:
        add_options(parser)
    options = parser.parse_args()
    if not options.mdevctl:
        parser.error("no mdevctl in PATH: use --mdevctl")
    if prepare:
        prepare(options)
    return tap.run([
        (check.__doc__, functools.partial(on_new_root, check, options))
        for check in checks])
