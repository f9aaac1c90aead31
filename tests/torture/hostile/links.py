# SPDX-License-Identifier: LGPL-2.1-or-later
"""Symbolic and hard links in the place of files. Their targets are neither
written nor shown, and their permissions do not change."""
import json
import os
import pathlib
import shutil
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import store as stores  # noqa: E402
from tap import expect  # noqa: E402

UUID = stores.uuid(1)
OTHER = stores.uuid(2)
DEFINE = ("define", "-u", UUID, "-p", "P", "-t", "T")


class Victim:
    """A file elsewhere that must not change."""

    def __init__(self, store, text="secret words\n"):
        self.path = store.root / "victim"
        self.path.write_text(text)
        self.path.chmod(0o644)
        self.before = self.state()

    def state(self):
        about = self.path.stat()
        return (self.path.read_text(), about.st_mode, about.st_uid,
                about.st_mtime_ns)

    def check(self):
        expect(self.state() == self.before, f"the victim: {self.state()}")


def lock_is_a_link(store, _):
    """a link in the place of the lock is refused"""
    victim = Victim(store)
    store.definitions.mkdir(parents=True)
    (store.definitions / ".lock").symlink_to(victim.path)
    said = store.refusal(*DEFINE)
    expect(".lock" in said, said)
    victim.check()


def lock_has_another_name(store, _):
    """a lock that is a second name of another file is refused"""
    victim = Victim(store)
    store.definitions.mkdir(parents=True)
    os.link(victim.path, store.definitions / ".lock")
    said = store.refusal(*DEFINE)
    expect(".lock" in said, said)
    expect(victim.path.stat().st_mode & 0o777 == 0o644, "the mode has changed")
    expect(not store.files(), store.files())


def lock_is_a_fifo(store, _):
    """a pipe in the place of the lock is refused"""
    store.definitions.mkdir(parents=True)
    os.mkfifo(store.definitions / ".lock")
    store.refusal(*DEFINE)


def temporary_is_a_link(store, _):
    """a link in the place of the temporary file is not followed"""
    victim = Victim(store)
    store.run(*DEFINE)
    temporary = store.definitions / "P/.mdevctl-new"
    for make in (temporary.symlink_to, lambda to: os.link(to, temporary)):
        make(victim.path)
        store.run("modify", "-u", UUID, "--auto")
        expect(not temporary.exists(), "the temporary file still exists")
        expect(victim.path.read_text() == victim.before[0],
               "the victim is written")
    expect(store.definition(UUID)["start"] == "auto",
           "the definition is not modified")


def definition_is_a_link(store, _):
    """a definition that is a link is replaced, and its target is unchanged"""
    text = json.dumps({"mdev_type": "T", "start": "manual"})
    victim = Victim(store, text)
    (store.definitions / "P").mkdir(parents=True)
    (store.definitions / "P" / UUID).symlink_to(victim.path)
    os.link(victim.path, store.definitions / "P" / OTHER)
    for uuid in (UUID, OTHER):
        store.run("modify", "-u", uuid, "--auto")
        expect(store.definition(uuid)["start"] == "auto", "not modified")
        expect(not (store.definitions / "P" / uuid).is_symlink(), "a link")
        expect(victim.path.read_text() == text, "the victim is modified")
        store.run("undefine", "-u", uuid)
        expect(victim.path.exists(), "the victim is removed")


def secret_is_not_shown(store, _):
    """the message about a broken definition does not show the target of a link
    """
    victim = Victim(store, "root:$6$secret:19000:0:99999:7:::\n")
    (store.definitions / "P").mkdir(parents=True)
    (store.definitions / "P" / UUID).symlink_to(victim.path)
    said = store.refusal("modify", "-u", UUID, "--auto", status=10)
    said += store.refusal("define", "-u", OTHER, "-p", "P", "--jsonfile",
                          str(victim.path), status=10)
    expect("secret" not in said, said)
    with store.start("list", "-d", "-v") as process:
        said = "".join(process.communicate())
    expect("secret" not in said, said)


def swapped(store, target, victim, command):
    """Runs `command` while `target` alternates between a file and a link."""
    done = threading.Event()
    file, link = store.root / "file", store.root / "link"

    def swap():
        while not done.is_set():
            file.write_text("")
            os.replace(file, target)
            link.symlink_to(victim.path)
            os.replace(link, target)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        command()
    finally:
        done.set()
        thread.join()
    victim.check()


def swapped_meanwhile(store, options):
    """a file that becomes a link between check and use is not followed"""
    victim = Victim(store)
    create = store.parent("P") / "mdev_supported_types/T/create"
    remove = store.device(UUID) / "remove"

    def repeat(*words):
        for _ in range(options.rounds):
            with store.start(*words) as process:
                process.communicate()

    swapped(store, create, victim,
            lambda: repeat("start", "-u", OTHER, "-p", "P", "-t", "T"))
    swapped(store, remove, victim, lambda: repeat("stop", "-u", UUID))


def types_are_links(store, _):
    """a type that is a link creates no device at its target"""
    victim = Victim(store)
    parent = store.parent("P")
    shutil.rmtree(parent / "mdev_supported_types/T")
    (parent / "mdev_supported_types/T").mkdir()
    for name in ("available_instances", "device_api"):
        (parent / "mdev_supported_types/T" / name).write_text("1")
    (parent / "mdev_supported_types/T/create").symlink_to(victim.path)
    store.refusal("start", "-u", UUID, "-p", "P", "-t", "T")
    victim.check()


def script_directory_is_full_of_links(store, _):
    """script links that are dangling, circular or not to a file"""
    directory = store.script("exit 0\n").parent
    # A guard whose file was removed refuses.
    for name, target in (("nowhere", "nothing"), ("round", "round")):
        (directory / name).symlink_to(target)
        said = store.refusal(*DEFINE, status=9)
        expect(name in said, said)
        (directory / name).unlink()
    (directory / "directory").symlink_to("/tmp")
    (directory / "zero").symlink_to("/dev/zero")
    os.mkfifo(directory / "pipe")
    (directory / "pipe").chmod(0o755)
    store.run(*DEFINE)
    expect(store.definition(UUID), "the device is not defined")


def add_options(parser):
    parser.add_argument("--rounds", type=int, default=40,
                        help="seconds of commands while files are swapped")


sys.exit(stores.main(__doc__, [
    lock_is_a_link, lock_has_another_name, lock_is_a_fifo, temporary_is_a_link,
    definition_is_a_link, secret_is_not_shown,
    types_are_links, swapped_meanwhile, script_directory_is_full_of_links],
    add_options))
