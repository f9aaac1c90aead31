#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that mdevsim answers as the kernel does. Prints TAP.

Usage: selftest.py PATH_TO_MDEVSIM
"""

import contextlib
import errno
import os
import pathlib
import platform
import select
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

PATIENCE = 20  # seconds, for operations that take milliseconds
U = "11111111-2222-3333-4444-5555555555ab"
V = "11111111-2222-3333-4444-5555555555cd"
W = "11111111-2222-3333-4444-5555555555ef"
PLACES = {
    "mtty": "devices/virtual/mtty/mtty",
    "mdpy": "devices/virtual/mdpy/mdpy",
    "0000:00:02.0": "devices/pci0000:00/0000:00:02.0",
    "0000:02:00.0": "devices/pci0000:00/0000:00:1c.0/0000:02:00.0",
    "0.0.0052": "devices/css0/0.0.0052",
    "matrix": "devices/vfio_ap/matrix",
}

program = ""
tests = []


def test(function):
    tests.append(function)
    return function


def equal(actual, expected, what=""):
    if actual != expected:
        raise AssertionError(f"{what}: {actual!r} is not {expected!r}")


def uuid(number):
    return f"00000000-0000-0000-0000-{number:012d}"


def attempt(function, *arguments):
    """Returns the result of a function, or the name of its error."""
    try:
        return function(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]


def put(path, text, flags=os.O_WRONLY):
    """Makes one write. Returns the number of written bytes, or the name of the
    error."""
    def write():
        file = os.open(path, flags)
        try:
            return os.write(file, as_bytes(text))
        finally:
            os.close(file)
    return attempt(write)


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def can_open(path, flags):
    result = attempt(os.open, path, flags)
    if isinstance(result, int):
        os.close(result)
        return "ok"
    return result


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("timed out waiting until " + what)
        time.sleep(0.002)


def is_mounted(path):
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        return any(line.split()[1] == path for line in mounts)


def is_stale(path):
    return attempt(os.stat, path) == "ENOTCONN"


class Background(threading.Thread):
    """A write in a thread of its own."""

    def __init__(self, path, text):
        super().__init__(daemon=True)
        self.result = None
        self.path = path
        self.text = text
        self.start()

    def run(self):
        self.result = put(self.path, self.text)

    def ended(self):
        self.join(PATIENCE)
        return self.result


class Sim:
    """A running mdevsim, and the tree that it makes."""

    def __init__(self, *parents, directory=None, options=()):
        self.directory = directory or make_directory()
        arguments = [program, self.directory]
        for parent in parents:
            arguments += ["--parent", parent]
        self.process = subprocess.Popen(
            arguments + list(options), stdout=subprocess.PIPE)
        self.await_ready()

    def await_ready(self):
        readable, _, _ = select.select(
            [self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if readable else b""
        equal(line, b"ready\n", "first line of the output")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return status

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    def type(self, parent, name, *parts):
        return self.path("class/mdev_bus", parent, "mdev_supported_types",
                         name, *parts)

    def device(self, name, *parts):
        return self.path("bus/mdev/devices", name, *parts)

    def read(self, *parts):
        with open(self.path(*parts), encoding="ascii") as file:
            return file.read()

    def exists(self, *parts):
        return os.path.lexists(self.path(*parts))

    def create(self, parent, type_name, text):
        return put(self.type(parent, type_name, "create"), text)

    def remove(self, name, text="1"):
        return put(self.device(name, "remove"), text)

    def set(self, name, attribute, text):
        return put(self.device(name, attribute), text)

    def available(self, parent):
        types = self.path("class/mdev_bus", parent, "mdev_supported_types")
        return {
            name: int(self.read(types, name, "available_instances"))
            for name in os.listdir(types)}

    def control(self, command):
        result = put(self.path(".mdevsim/control"), command)
        return "ok" if result == len(command) else result

    def log(self):
        return self.read(".mdevsim/log").splitlines()

    def pending(self):
        return self.read(".mdevsim/pending").splitlines()


directories = contextlib.ExitStack()


def make_directory():
    directory = directories.enter_context(
        tempfile.TemporaryDirectory(prefix="mdevsim-"))
    os.chmod(directory, 0o755)  # other users must reach the mount
    return os.path.realpath(directory)


def run(*arguments):
    return subprocess.run(
        [program, *arguments], capture_output=True, timeout=PATIENCE,
        check=False)


# The tree


@test
def a_parent_is_linked_from_the_class_and_has_types():
    with Sim("mtty=mtty") as sim:
        equal(os.readlink(sim.path("class/mdev_bus/mtty")),
              "../../devices/virtual/mtty/mtty")
        equal(sorted(os.listdir(sim.type("mtty", "mtty-1"))),
              ["available_instances", "create", "device_api", "devices",
               "name"])
        equal(sim.read(sim.type("mtty", "mtty-1", "name")),
              "Single port serial\n")
        equal(sim.read(sim.type("mtty", "mtty-1", "device_api")),
              "vfio-pci\n")
        equal(os.listdir(sim.type("mtty", "mtty-1", "devices")), [])
        equal(os.listdir(sim.path("bus/mdev/devices")), [])


@test
def without_parents_the_framework_is_empty():
    with Sim() as sim:
        equal(os.listdir(sim.path("class/mdev_bus")), [])
        equal(os.listdir(sim.path("bus/mdev/devices")), [])


@test
def each_kind_of_parent_is_in_its_place():
    parents = ["mtty=mtty", "mdpy=mdpy", "0000:00:02.0=i915",
               "0000:02:00.0=nvidia", "0.0.0052=vfio_ccw",
               "matrix=vfio_ap"]
    with Sim(*parents) as sim:
        for name, place in PLACES.items():
            equal(os.readlink(sim.path("class/mdev_bus", name)),
                  "../../" + place)
            real = os.path.realpath(sim.path("class/mdev_bus", name))
            equal(real, sim.path(place))
            equal(sim.exists(place, "subsystem", "."), True, name)


@test
def attributes_have_their_size_mode_and_owner():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        modes = {
            sim.type("mtty", "mtty-1", "available_instances"): 0o444,
            sim.type("mtty", "mtty-1", "name"): 0o444,
            sim.type("mtty", "mtty-1", "create"): 0o200,
            sim.device(U, "remove"): 0o200,
            sim.device(U, "uevent"): 0o644,
            sim.device(U, "power/control"): 0o644,
            sim.device(U, "vendor/sample_mdev_dev"): 0o444}
        for path, mode in modes.items():
            status = os.stat(path)
            equal(stat.S_IMODE(status.st_mode), mode, path)
            equal(status.st_size, 4096, path)
            equal((status.st_uid, status.st_gid),
                  (os.geteuid(), os.getegid()), path)
            equal(abs(status.st_mtime - time.time()) < 60, True, path)


@test
def a_directory_counts_its_subdirectories():
    with Sim("mtty=mtty") as sim:
        types = sim.path(PLACES["mtty"], "mdev_supported_types")
        equal(os.stat(types).st_nlink, 4)
        equal(stat.S_IMODE(os.stat(types).st_mode), 0o755)


@test
def every_link_has_a_target():
    with Sim("mtty=mtty", "0000:02:00.0=nvidia", "matrix=vfio_ap") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(sim.create("matrix", "vfio_ap-passthrough", V), 36)
        for at, directories_, files in os.walk(sim.directory):
            for name in directories_ + files:
                path = os.path.join(at, name)
                equal(os.path.exists(path), True, path)


@test
def reading_in_small_pieces_gives_the_whole_text():
    with Sim("0000:00:02.0=i915") as sim:
        path = sim.type("0000:00:02.0", "i915-GVTg_V5_4", "description")
        with open(path, "rb", buffering=0) as file:
            text = b"".join(iter(lambda: file.read(7), b""))
        equal(text, b"low_gm_size: 128MB\nhigh_gm_size: 512MB\nfence: 4\n"
                    b"resolution: 1920x1200\nweight: 4\n")


@test
def reading_again_from_the_start_gives_the_present_text():
    with Sim("mtty=mtty") as sim:
        path = sim.type("mtty", "mtty-1", "available_instances")
        with open(path, "rb", buffering=0) as file:
            equal(file.read(100), b"24\n")
            equal(sim.create("mtty", "mtty-2", U), 36)
            file.seek(0)
            equal(file.read(100), b"22\n")


@test
def reading_may_start_in_the_middle():
    with Sim("mtty=mtty") as sim:
        file = os.open(sim.type("mtty", "mtty-1", "name"), os.O_RDONLY)
        equal(os.pread(file, 4, 7), b"port")
        equal(os.pread(file, 4, 700), b"")
        os.close(file)


# Creating


@test
def a_created_device_exists_when_write_returns():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(os.readlink(sim.device(U)),
              "../../../devices/virtual/mtty/mtty/" + U)
        equal(os.readlink(sim.type("mtty", "mtty-1", "devices", U)),
              "../../../" + U)
        equal(os.readlink(sim.device(U, "mdev_type")),
              "../mdev_supported_types/mtty-1")
        equal(os.readlink(sim.device(U, "driver")),
              "../../../../../bus/mdev/drivers/mtty")
        equal(os.readlink(sim.device(U, "iommu_group")),
              "../../../../../kernel/iommu_groups/0")
        equal(os.readlink(sim.device(U, "subsystem")),
              "../../../../../bus/mdev")
        equal(sim.read(sim.device(U, "vendor/sample_mdev_dev")),
              f"This is MDEV {U}\n")
        equal(sim.read(sim.device(U, "uevent")), "DRIVER=mtty\n")


@test
def create_takes_36_bytes_or_one_more_of_any_kind():
    with Sim("mtty=mtty") as sim:
        for more in ("", "\n", "x", "\0"):
            equal(sim.create("mtty", "mtty-1", U + more), 36 + len(more))
            equal(os.listdir(sim.path("bus/mdev/devices")), [U])
            equal(sim.remove(U), 1)


@test
def create_takes_upper_case_and_names_in_lower_case():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U.upper()), 36)
        equal(os.listdir(sim.path("bus/mdev/devices")), [U])


@test
def create_takes_the_zero_uuid():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", uuid(0)), 36)


@test
def create_refuses_text_that_is_not_a_uuid():
    bad = ["z" + U[1:], U.replace("-2222-", "2-222-"), U.replace("-", ""),
           "abc", "\n", "{" + U + "}", U + "\n\n", " " + U, U[:35],
           U[:20] + "\0" + U[21:], "x" * 5000]
    with Sim("mtty=mtty") as sim:
        for text in bad:
            equal(sim.create("mtty", "mtty-1", text), "EINVAL", text)
        equal(os.listdir(sim.path("bus/mdev/devices")), [])


@test
def an_empty_write_does_nothing():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", ""), 0)
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(sim.remove(U, ""), 0)
        equal(sim.exists(sim.device(U)), True)


@test
def one_write_is_one_attempt():
    with Sim("mtty=mtty") as sim:
        file = os.open(sim.type("mtty", "mtty-1", "create"), os.O_WRONLY)
        equal(attempt(os.write, file, as_bytes(U[:20])), "EINVAL")
        equal(attempt(os.write, file, as_bytes(U[20:])), "EINVAL")
        equal(attempt(os.write, file, as_bytes(U)), 36)
        equal(attempt(os.write, file, as_bytes(V)), 36)
        os.close(file)
        equal(sorted(os.listdir(sim.path("bus/mdev/devices"))), [U, V])


@test
def opening_to_create_or_truncate_is_harmless():
    with Sim("mtty=mtty") as sim:
        path = sim.type("mtty", "mtty-1", "create")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        equal(put(path, U, flags), 36)
        equal(put(path, V, flags | os.O_APPEND), 36)
        equal(os.stat(path).st_size, 4096)
        equal(attempt(os.truncate, path, 0), None)


@test
def a_uuid_in_use_is_refused_wherever_it_is():
    with Sim("mtty=mtty", "other=mtty", "0.0.0052=vfio_ccw") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        for parent, name, text in [
                ("mtty", "mtty-1", U), ("mtty", "mtty-2", U),
                ("other", "mtty-1", U), ("mtty", "mtty-1", U.upper()),
                ("0.0.0052", "vfio_ccw-io", U + "\n")]:
            equal(sim.create(parent, name, text), "EEXIST", parent)


@test
def a_uuid_in_use_is_noticed_before_a_lack_of_instances():
    with Sim("0.0.0052=vfio_ccw") as sim:
        equal(sim.create("0.0.0052", "vfio_ccw-io", U), 36)
        equal(sim.create("0.0.0052", "vfio_ccw-io", U), "EEXIST")
        equal(sim.create("0.0.0052", "vfio_ccw-io", V), "EUSERS")
        equal(sim.create("0.0.0052", "vfio_ccw-io", "x"), "EINVAL")


@test
def of_two_creates_of_one_uuid_exactly_one_wins():
    with Sim("mtty=mtty") as sim:
        for _ in range(50):
            writers = [
                Background(sim.type("mtty", name, "create"), U)
                for name in ("mtty-1", "mtty-2", "mtty-1", "mtty-2")]
            results = sorted(str(writer.ended()) for writer in writers)
            equal(results, ["36", "EEXIST", "EEXIST", "EEXIST"])
            equal(sim.remove(U), 1)


@test
def many_creates_and_removes_at_once_all_succeed():
    with Sim("mtty=mtty") as sim:
        writers = [
            Background(sim.type("mtty", "mtty-1", "create"), uuid(i))
            for i in range(24)]
        equal([writer.ended() for writer in writers], [36] * 24)
        equal(sim.available("mtty"), {"mtty-1": 0, "mtty-2": 0})
        writers = [
            Background(sim.device(uuid(i), "remove"), "1")
            for i in range(24)]
        equal([writer.ended() for writer in writers], [1] * 24)
        equal(sim.available("mtty"), {"mtty-1": 24, "mtty-2": 12})


# Permissions


@test
def no_user_opens_a_file_without_the_method():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        for path in (sim.type("mtty", "mtty-1", "available_instances"),
                     sim.device(U, "vendor/sample_mdev_dev")):
            equal(can_open(path, os.O_WRONLY), "EACCES", path)
            equal(can_open(path, os.O_RDWR), "EACCES", path)
            equal(can_open(path, os.O_WRONLY | os.O_TRUNC), "EACCES")
            equal(can_open(path, os.O_RDONLY), "ok", path)
        for path in (sim.type("mtty", "mtty-1", "create"),
                     sim.device(U, "remove")):
            equal(can_open(path, os.O_RDONLY), "EACCES", path)
            equal(can_open(path, os.O_RDWR), "EACCES", path)
            equal(can_open(path, os.O_WRONLY), "ok", path)


@test
def changing_a_mode_adds_no_method():
    with Sim("mtty=mtty") as sim:
        path = sim.type("mtty", "mtty-1", "name")
        os.chmod(path, 0o666)
        equal(stat.S_IMODE(os.stat(path).st_mode), 0o666)
        equal(can_open(path, os.O_WRONLY), "EACCES")


@test
def other_users_read_but_do_not_write():
    if os.geteuid() != 0:
        raise tap.Skip("needs root")
    script = ("cat {0}/available_instances && ! echo {1} >{0}/create "
              "&& ! echo on >{2}/power/control").format
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        done = subprocess.run(
            ["sh", "-c",
             script(sim.type("mtty", "mtty-1"), V, sim.device(U))],
            user=65534, group=65534, extra_groups=[], capture_output=True,
            check=False)
        equal((done.returncode, done.stdout), (0, b"23\n"))
        equal(os.listdir(sim.path("bus/mdev/devices")), [U])


@test
def no_file_can_be_created_deleted_or_renamed():
    with Sim("mtty=mtty") as sim:
        types = sim.path("class/mdev_bus/mtty/mdev_supported_types")
        create = os.path.join(types, "mtty-1/create")
        new = os.path.join(types, "new")
        equal(can_open(new, os.O_WRONLY | os.O_CREAT), "EACCES")
        equal(can_open(new, os.O_WRONLY), "ENOENT")
        equal(can_open(os.path.join(types, "no/create"), os.O_WRONLY),
              "ENOENT")
        equal(attempt(os.mkdir, new), "EPERM")
        equal(attempt(os.mknod, new), "EPERM")
        equal(attempt(os.symlink, "x", new), "EPERM")
        equal(attempt(os.link, create, new), "EPERM")
        equal(attempt(os.unlink, create), "EPERM")
        equal(attempt(os.rmdir, os.path.join(types, "mtty-1")), "EPERM")
        equal(attempt(os.rename, create, new), "EPERM")


# Removing


@test
def remove_takes_any_number_but_zero():
    with Sim("mtty=mtty") as sim:
        for text in ("1", "1\n", "2", "0x1", "0X1", "01", "+1",
                     str(2**64 - 1)):
            equal(sim.create("mtty", "mtty-1", U), 36)
            equal(sim.remove(U, text), len(text), text)
            equal(sim.exists(sim.device(U)), False, text)


@test
def remove_of_zero_does_nothing():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        for text in ("0", "0\n", "0x0", "00"):
            equal(sim.remove(U, text), len(text), text)
            equal(sim.exists(sim.device(U)), True, text)


@test
def remove_refuses_text_that_is_not_a_number():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        for text in ("x", "-1", "yes", "1x", " ", " 1", "1 ", "0x", "08",
                     "\n", "1\n\n", str(2**64)):
            equal(sim.remove(U, text), "EINVAL", text)
            equal(sim.exists(sim.device(U)), True, text)


@test
def a_removed_device_is_missing_when_write_returns():
    with Sim("mtty=mtty") as sim:
        for _ in range(20):
            equal(sim.create("mtty", "mtty-1", U), 36)
            equal(sim.available("mtty"), {"mtty-1": 23, "mtty-2": 11})
            equal(sim.remove(U), 1)
            equal(sim.exists(sim.device(U)), False)
            equal(sim.exists(PLACES["mtty"], U), False)
            equal(os.listdir(sim.type("mtty", "mtty-1", "devices")), [])
            equal(sim.available("mtty"), {"mtty-1": 24, "mtty-2": 12})
        equal(os.listdir(sim.path("kernel/iommu_groups")), [])


@test
def the_second_remover_gets_an_error():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        files = [os.open(sim.device(U, "remove"), os.O_WRONLY)
                 for _ in range(2)]
        equal([attempt(os.write, file, b"1") for file in files],
              [1, "ENODEV"])
        equal(can_open(sim.device(U, "remove"), os.O_WRONLY), "ENOENT")
        for file in files:
            os.close(file)


@test
def an_open_attribute_of_a_removed_device_is_an_error():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        file = os.open(sim.device(U, "power/control"), os.O_RDWR)
        directory = os.open(sim.device(U), os.O_RDONLY)
        equal(sim.remove(U), 1)
        equal(attempt(os.read, file, 100), "ENODEV")
        equal(attempt(os.write, file, b"on"), "ENODEV")
        equal(os.listdir(directory), [])
        equal(attempt(lambda: os.stat("power", dir_fd=directory)), "ENOENT")
        # Another device with the same name
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(attempt(os.write, file, b"on"), "ENODEV")
        os.close(file)
        os.close(directory)


@test
def unbinding_returns_the_instance_and_keeps_the_device():
    with Sim("mtty=mtty") as sim:
        driver = sim.path("bus/mdev/drivers/mtty")
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(put(os.path.join(driver, "unbind"), U + "\n"), 37)
        equal(put(os.path.join(driver, "unbind"), U), "ENODEV")
        equal(put(os.path.join(driver, "bind"), U), "ENODEV")
        equal(sim.available("mtty"), {"mtty-1": 24, "mtty-2": 12})
        equal(sim.exists(sim.device(U, "mdev_type")), True)
        equal(sim.exists(sim.device(U, "driver")), False)
        equal(sim.create("mtty", "mtty-1", U), "EEXIST")
        equal(sim.remove(U), 1)
        equal(sim.available("mtty"), {"mtty-1": 24, "mtty-2": 12})


# Profiles


def fill(sim, parent, type_name, first=0):
    """Returns how many devices of the type can be created, and the error of
    the next one."""
    for number in range(first, first + 100):
        result = sim.create(parent, type_name, uuid(number))
        if result != 36:
            return number - first, result
    return 100, None


@test
def mtty_types_share_24_ports():
    with Sim("mtty=mtty") as sim:
        equal(sim.available("mtty"), {"mtty-1": 24, "mtty-2": 12})
        equal(sim.create("mtty", "mtty-2", U), 36)
        equal(sim.available("mtty"), {"mtty-1": 22, "mtty-2": 11})
        equal(sim.create("mtty", "mtty-1", V), 36)
        equal(sim.available("mtty"), {"mtty-1": 21, "mtty-2": 10})
        equal(fill(sim, "mtty", "mtty-2"), (10, "ENOSPC"))
        equal(fill(sim, "mtty", "mtty-1", 100), (1, "ENOSPC"))


@test
def mdpy_types_share_4_devices():
    with Sim("mdpy=mdpy") as sim:
        equal(sim.available("mdpy"),
              {"mdpy-vga": 4, "mdpy-xga": 4, "mdpy-hd": 4})
        equal(sim.create("mdpy", "mdpy-hd", U), 36)
        equal(sim.available("mdpy"),
              {"mdpy-vga": 3, "mdpy-xga": 3, "mdpy-hd": 3})
        equal(fill(sim, "mdpy", "mdpy-vga"), (3, "EUSERS"))
        equal(sim.create("mdpy", "mdpy-vga", U), "EEXIST")
        equal(sim.read(sim.type("mdpy", "mdpy-vga", "description")),
              "virtual display, 640x480 framebuffer\n")
        equal(sim.read(sim.device(U, "vendor/resolution")), "1920x1080\n")


@test
def mbochs_types_share_256_megabytes():
    with Sim("mbochs=mbochs") as sim:
        equal(sim.available("mbochs"), {
            "mbochs-small": 64, "mbochs-medium": 16, "mbochs-large": 4})
        equal(sim.create("mbochs", "mbochs-small", U), 36)
        equal(sim.available("mbochs"), {
            "mbochs-small": 63, "mbochs-medium": 15, "mbochs-large": 3})
        equal(fill(sim, "mbochs", "mbochs-large"), (3, "ENOSPC"))
        equal(sim.available("mbochs"), {
            "mbochs-small": 15, "mbochs-medium": 3, "mbochs-large": 0})
        equal(sim.read(sim.device(U, "vendor/memory")), "4 MB\n")


@test
def i915_types_share_graphics_memory():
    gpu = "0000:00:02.0"
    with Sim(gpu + "=i915") as sim:
        names = {n: f"i915-GVTg_V5_{n}" for n in (1, 2, 4, 8)}

        def available():
            counts = sim.available(gpu)
            return [counts[names[n]] for n in (1, 2, 4, 8)]
        equal(available(), [1, 2, 5, 7])
        equal(sim.create(gpu, names[8], U), 36)
        equal(available(), [1, 2, 4, 6])
        equal(fill(sim, gpu, names[1]), (1, "ENOSPC"))
        equal(available(), [0, 0, 0, 0])
        equal(sim.read(sim.type(gpu, names[4], "name")), "GVTg_V5_4\n")


@test
def i915_of_old_has_no_names():
    gpu = "0000:00:02.0"
    with Sim(gpu + "=i915-old") as sim:
        files = os.listdir(sim.type(gpu, "i915-GVTg_V5_4"))
        equal("name" in files, False)
        equal("description" in files, True)


@test
def the_first_nvidia_device_determines_the_type_of_all():
    gpu = "0000:02:00.0"
    full = {"nvidia-156": 12, "nvidia-215": 12, "nvidia-241": 24,
            "nvidia-283": 6, "nvidia-284": 4, "nvidia-285": 3,
            "nvidia-286": 2}
    with Sim(gpu + "=nvidia") as sim:
        equal(sim.available(gpu), full)
        equal(sim.create(gpu, "nvidia-286", U), 36)
        equal(sim.available(gpu),
              {name: int(name == "nvidia-286") for name in full})
        equal(sim.create(gpu, "nvidia-156", V), "ENOSPC")
        equal(sim.remove(U), 1)
        equal(sim.available(gpu), full)
        equal(sim.read(sim.type(gpu, "nvidia-156", "name")),
              "GRID P40-2B\n")
        equal(sim.read(sim.type(gpu, "nvidia-156", "description")),
              "num_heads=4, frl_config=45, framebuffer=2048M, "
              "max_resolution=5120x2880, max_instance=12\n")


@test
def an_nvidia_function_and_a_subchannel_have_one_device():
    function, channel = "0000:17:00.4", "0.0.0052"
    with Sim(function + "=nvidia-vf", channel + "=vfio_ccw") as sim:
        equal(set(sim.available(function).values()), {1})
        equal(fill(sim, function, "nvidia-699"), (1, "ENOSPC"))
        equal(set(sim.available(function).values()), {0})
        equal(fill(sim, channel, "vfio_ccw-io", 100), (1, "EUSERS"))
        equal(sim.read(sim.type(channel, "vfio_ccw-io", "device_api")),
              "vfio-ccw\n")


def function_file(sim, number, name):
    return sim.path(f"bus/pci/devices/0000:41:00.{number}/nvidia/{name}")


def listed_types(sim, number):
    text = sim.read(f"bus/pci/devices/0000:41:00.{number}/nvidia/"
                    "creatable_vgpu_types")
    return [line.split(" ")[0] for line in text.splitlines()[1:]]


@test
def functions_of_a_gpu_limit_each_other():
    with Sim("0000:41:00.0=nvidia-vfio:3") as sim:
        equal(listed_types(sim, 4), ["1145", "1147", "1148", "1155", "1159"])
        equal(put(function_file(sim, 4, "current_vgpu_type"), "1147"), 4)
        equal(sim.read("bus/pci/devices/0000:41:00.4/nvidia/"
                       "current_vgpu_type"), "1147\n")
        equal(listed_types(sim, 4), [])
        equal(listed_types(sim, 5), ["1145", "1147"])
        for number, text, result in (
                (4, "1145", "EPERM"), (5, "1148", "EIO"), (5, "9", "EIO"),
                (5, "0", "EPERM"), (5, "x", "EINVAL"), (5, "1145\n", 5),
                (4, "0", 1), (5, "0", 1), (5, "1159", 4), (4, "1159", "EIO")):
            equal(put(function_file(sim, number, "current_vgpu_type"), text),
                  result, f"{text} to function {number}")
        equal(listed_types(sim, 6), [])
        equal(put(function_file(sim, 5, "vgpu_params"), "a=1"), 3)
        equal(put(function_file(sim, 6, "vgpu_params"), "a=1"), "EPERM")


@test
def the_upstream_driver_has_other_errnos():
    with Sim("0000:41:00.0=nvidia-vfio:3:upstream:no-params") as sim:
        for number, text, result in (
                (4, "0", 1), (4, "9", "ENODEV"), (4, "1155", 4),
                (5, "1147", "EINVAL"), (5, "1155", 4), (6, "1155", "ENOSPC")):
            equal(put(function_file(sim, number, "current_vgpu_type"), text),
                  result, f"{text} to function {number}")
        equal(sim.read("bus/pci/devices/0000:41:00.4/nvidia/"
                       "creatable_vgpu_types"), "")
        equal(os.path.exists(function_file(sim, 4, "vgpu_params")), False)
        sim.control("hold 0000:41:00.4")
        equal(put(function_file(sim, 4, "current_vgpu_type"), "0"), "EBUSY")


@test
def a_held_function_waits_for_its_release():
    with Sim("0000:41:00.0=nvidia-vfio:1") as sim:
        file = function_file(sim, 4, "current_vgpu_type")
        equal(put(file, "1147"), 4)
        sim.control("hold 0000:41:00.4")
        equal(sim.control("sriov 0000:41:00.0 2"), "EBUSY")
        clearing = Background(file, "0")
        wait_until(lambda: sim.read(".mdevsim/pending"), "it waits")
        sim.control("release 0000:41:00.4")
        equal(clearing.ended(), 1)


@test
def functions_appear_late_and_disappear():
    with Sim("0000:41:00.0=nvidia-vfio:0:unready") as sim:
        equal(os.listdir(sim.path("bus/pci/devices")), ["0000:41:00.0"])
        equal(put(sim.path("bus/pci/devices/0000:41:00.0/sriov_numvfs"), "2"),
              "EPERM")
        sim.control("sriov 0000:41:00.0 6")
        equal(len(os.listdir(sim.path("bus/pci/devices"))), 7)
        equal(sim.read("bus/pci/devices/0000:41:00.0/sriov_numvfs"), "6\n")
        equal(os.path.samefile(
            sim.path("bus/pci/devices/0000:41:01.1/physfn"),
            sim.path("bus/pci/devices/0000:41:00.0/virtfn5/physfn")), True)
        equal(listed_types(sim, 4), [])
        sim.control("ready 0000:41:00.0")
        equal(put(function_file(sim, 4, "current_vgpu_type"), "1147"), 4)
        function = sim.path("bus/pci/devices/0000:41:00.4")
        before = os.stat(function).st_ino
        sim.control("sriov 0000:41:00.0 1")
        equal(os.stat(function).st_ino == before, False)
        equal(sim.read("bus/pci/devices/0000:41:00.4/nvidia/"
                       "current_vgpu_type"), "0\n")
        equal(sorted(os.listdir(sim.path("bus/pci/devices"))),
              ["0000:41:00.0", "0000:41:00.4"])
        sim.control("vanish 0000:41:00.4")
        equal(os.listdir(sim.path("bus/pci/devices")), ["0000:41:00.0"])


@test
def a_lost_write_succeeds_without_effect():
    with Sim("0000:41:00.0=nvidia-vfio:1") as sim:
        sim.control("fault *current_vgpu_type:1:lost")
        file = function_file(sim, 4, "current_vgpu_type")
        equal(put(file, "1147"), 4)
        equal(sim.read("bus/pci/devices/0000:41:00.4/nvidia/"
                       "current_vgpu_type"), "0\n")
        equal(put(file, "1147"), 4)
        equal(put(file, "1147"), "EPERM")


@test
def plain_types_have_the_requested_numbers():
    with Sim("p=plain:3:4") as sim:
        equal(sim.available("p"), {f"plain-{i}": 3 for i in range(1, 5)})
        equal(fill(sim, "p", "plain-2"), (3, "ENOSPC"))
        equal(sim.available("p")["plain-1"], 3)


@test
def a_thousand_parents_and_devices_are_possible():
    parents = [f"p{i}=plain:4:2" for i in range(1000)]
    with Sim(*parents) as sim:
        equal(len(os.listdir(sim.path("class/mdev_bus"))), 1000)
        for i in range(1000):
            equal(sim.create(f"p{i}", "plain-1", uuid(i)), 36)
        equal(len(os.listdir(sim.path("bus/mdev/devices"))), 1000)
        equal(len(set(os.listdir(sim.path("bus/mdev/devices")))), 1000)


# Attributes of devices


@test
def power_control_is_auto_or_on():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(sim.read(sim.device(U, "power/control")), "auto\n")
        equal(sim.set(U, "power/control", "on\n"), 3)
        equal(sim.read(sim.device(U, "power/control")), "on\n")
        equal(sim.set(U, "power/control", "auto"), 4)
        for text in ("bogus", "o", "on\n\n", "AUTO", "\n"):
            equal(sim.set(U, "power/control", text), "EINVAL", text)
        equal(sim.read(sim.device(U, "power/control")), "auto\n")


@test
def uevent_takes_actions():
    with Sim("mtty=mtty") as sim:
        path = sim.path("class/mdev_bus/mtty/uevent")
        equal(put(path, "change\n"), 7)
        equal(put(path, "add"), 3)
        equal(put(path, f"change {U} MDEV_STATE=registered"), "EINVAL")


@test
def nvidia_parameters_are_pairs():
    with Sim("0000:02:00.0=nvidia") as sim:
        equal(sim.create("0000:02:00.0", "nvidia-156", U), 36)
        name = "nvidia/vgpu_params"
        equal(sim.read(sim.device(U, name)), "\n")
        equal(sim.set(U, name, "frame_rate_limiter=0, x=1\n"), 26)
        equal(sim.read(sim.device(U, name)), "frame_rate_limiter=0, x=1\n")
        for text in ("x", "=1", "a=1,", "a=1,,b=2"):
            equal(sim.set(U, name, text), "EINVAL", text)
        equal(sim.set(U, name, " "), 1)
        equal(sim.read(sim.device(U, name)), "\n")


def ap_sim():
    sim = Sim("matrix=vfio_ap")
    for name in (U, V):
        equal(sim.create("matrix", "vfio_ap-passthrough", name), 36)
    return sim


def config(adapters=0, domains=0, control_domains=0):
    """Returns the masks; bit 0 is leftmost."""
    return ",".join(
        f"0x{mask:064x}" for mask in (adapters, domains, control_domains))


def bit(number):
    return 1 << (255 - number)


@test
def a_crypto_device_shows_its_matrix():
    with ap_sim() as sim:
        matrix = sim.device(U, "matrix")
        equal(sim.read(matrix), "")
        equal(sim.set(U, "assign_adapter", "5"), 1)
        equal(sim.read(matrix), "05.\n")
        equal(sim.set(U, "assign_domain", "0xab\n"), 5)
        equal(sim.set(U, "assign_domain", "4"), 1)
        equal(sim.read(matrix), "05.0004\n05.00ab\n")
        equal(sim.read(sim.device(U, "guest_matrix")), "",
              "no queue is bound to vfio_ap")
        equal(sim.set(U, "unassign_adapter", "05"), 2)
        equal(sim.read(matrix), ".0004\n.00ab\n")
        equal(sim.set(U, "assign_control_domain", "0xab"), 4)
        equal(sim.set(U, "assign_control_domain", "4"), 1)
        equal(sim.read(sim.device(U, "control_domains")), "0004\n00ab\n")
        equal(sim.set(U, "unassign_control_domain", "4"), 1)
        equal(sim.read(sim.device(U, "control_domains")), "00ab\n")
        equal(sim.read(matrix), ".0004\n.00ab\n")


@test
def crypto_ids_go_up_to_255():
    names = [un + "assign_" + what for un in ("", "un")
             for what in ("adapter", "domain", "control_domain")]
    with ap_sim() as sim:
        for name in names:
            equal(sim.set(U, name, "255"), 3, name)
            equal(sim.set(U, name, "0xff"), 4, name)
            equal(sim.set(U, name, "256"), "ENODEV", name)
            for text in ("x", "-1", "0xg", "5 ", "\n"):
                equal(sim.set(U, name, text), "EINVAL", name)
            equal(can_open(sim.device(U, name), os.O_RDONLY), "EACCES")
        for name in ("matrix", "guest_matrix", "control_domains"):
            equal(can_open(sim.device(U, name), os.O_WRONLY), "EACCES")


@test
def newer_drivers_of_s390_have_more_files():
    with Sim("matrix=vfio_ap", "0.0.0052=vfio_ccw") as sim:
        equal(sim.read("class/mdev_bus/matrix/features"),
              "guest_matrix hotplug ap_config\n")
        equal(os.listdir(sim.path("class/mdev_bus/0.0.0052/parent")), ["uevent"])
    with Sim("matrix=vfio_ap-old", "0.0.0052=vfio_ccw-old") as sim:
        equal(os.path.exists(sim.path("class/mdev_bus/matrix/features")), False)
        equal(os.path.exists(sim.path("class/mdev_bus/0.0.0052/parent")), False)


@test
def only_some_kernels_have_files_of_vfio_devices():
    for profile, files in ("vfio_ap-cdev", ["dev"]), ("vfio_ap", []):
        with Sim("matrix=" + profile) as sim:
            equal(sim.create("matrix", "vfio_ap-passthrough", U), 36)
            found = pathlib.Path(sim.device(U)).glob("vfio-dev/*/dev")
            equal([path.name for path in found], files)


@test
def a_crypto_queue_belongs_to_one_device():
    with ap_sim() as sim:
        for name in (U, V):
            equal(sim.set(name, "assign_adapter", "5"), 1)
        equal(sim.set(U, "assign_domain", "4"), 1)
        equal(sim.set(V, "assign_domain", "4"), "EADDRINUSE")
        equal(sim.set(V, "ap_config", config(bit(5), bit(4))),
              "EADDRINUSE")
        equal(sim.read(sim.device(V, "matrix")), "05.\n")
        equal(sim.remove(U), 1)
        equal(sim.set(V, "assign_domain", "4"), 1)


@test
def ap_config_is_all_of_a_crypto_device():
    with ap_sim() as sim:
        path = sim.device(U, "ap_config")
        equal(sim.read(path), config() + "\n")
        text = config(bit(5) | bit(6), bit(4) | bit(0xab), bit(0xab))
        equal(sim.set(U, "ap_config", text), len(text))
        equal(sim.read(path), text + "\n")
        equal(sim.read(sim.device(U, "matrix")),
              "05.0004\n05.00ab\n06.0004\n06.00ab\n")
        equal(sim.read(sim.device(U, "control_domains")), "00ab\n")
        equal(sim.set(U, "ap_config", "0x8,0x4,0x\n"), 11)
        equal(sim.read(sim.device(U, "matrix")), "00.0001\n")
        for bad in ("0x0,0x0", "0x0,0x0,z", "0x" + "0" * 65 + ",0,0"):
            equal(sim.set(U, "ap_config", bad), "EINVAL", bad)
        equal(sim.read(sim.device(U, "matrix")), "00.0001\n")


# Faults


@test
def a_fault_hits_the_nth_write():
    rule = "*/mtty-1/create:2:EIO"
    with Sim("mtty=mtty", options=["--fault", rule]) as sim:
        results = [sim.create("mtty", "mtty-1", name) for name in (U, V, W)]
        equal(results, [36, "EIO", 36])
        equal(sorted(os.listdir(sim.path("bus/mdev/devices"))), [U, W])


@test
def a_fault_can_hit_every_write():
    with Sim("mtty=mtty") as sim:
        equal(sim.control("fault */create:*:EAGAIN\n"), "ok")
        equal([sim.create("mtty", "mtty-1", U) for _ in range(3)],
              ["EAGAIN"] * 3)
        equal(sim.control("clear-faults"), "ok")
        equal(sim.create("mtty", "mtty-1", U), 36)


@test
def a_fault_knows_all_names_of_an_attribute():
    gpu = "0000:00:02.0"
    name = "i915-GVTg_V5_8"
    globs = [f"devices/pci0000:00/{gpu}/{U}/power/control",
             f"bus/mdev/devices/{U}/power/control",
             f"class/mdev_bus/{gpu}/*/control", "*control"]
    with Sim(gpu + "=i915", "other=i915") as sim:
        equal(sim.create(gpu, name, U), 36)
        for glob in globs:
            equal(sim.control(f"fault {glob}:1:EBUSY"), "ok")
            equal(sim.set(U, "power/control", "on"), "EBUSY", glob)
            equal(sim.set(U, "power/control", "on"), 2, glob)


@test
def a_fault_can_make_the_device_vanish():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(sim.control("fault */power/control:1:vanish"), "ok")
        equal(sim.set(U, "power/control", "on"), "ENODEV")
        equal(sim.exists(sim.device(U)), False)
        equal(sim.available("mtty"), {"mtty-1": 24, "mtty-2": 12})


@test
def a_slow_write_does_not_delay_others():
    rule = "*/mtty-1/create:1:slow=300"
    with Sim("mtty=mtty", options=["--fault", rule]) as sim:
        start = time.monotonic()
        slow = Background(sim.type("mtty", "mtty-1", "create"), U)
        wait_until(sim.pending, "the write is pending")
        equal(sim.create("mtty", "mtty-2", V), 36)
        equal(sim.remove(V), 1)
        equal(sim.exists(sim.device(U)), False)
        equal(len(sim.pending()), 1)
        equal(slow.ended(), 36)
        equal(time.monotonic() - start >= 0.3, True)
        equal(sim.exists(sim.device(U)), True)
        equal(sim.pending(), [])


@test
def a_slow_write_does_not_delay_others_of_the_same_file():
    version = [int(n) for n in platform.release().split(".")[:2]]
    if version < [6, 2]:
        raise tap.Skip("Linux before 6.2 allows one writer at a time")
    rule = "*/create:1:slow=300"
    with Sim("mtty=mtty", options=["--fault", rule]) as sim:
        slow = Background(sim.type("mtty", "mtty-1", "create"), U)
        wait_until(sim.pending, "the write is pending")
        equal(sim.create("mtty", "mtty-1", V), 36)
        equal(len(sim.pending()), 1)
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(slow.ended(), "EEXIST")


@test
def a_slow_write_may_lose_its_parent():
    rule = "*/create:1:slow=100"
    with Sim("mtty=mtty", options=["--fault", rule]) as sim:
        slow = Background(sim.type("mtty", "mtty-1", "create"), U)
        wait_until(sim.pending, "the write is pending")
        equal(sim.control("remove-parent mtty"), "ok")
        equal(slow.ended(), "ENODEV")


@test
def bad_commands_are_refused():
    with Sim("mtty=mtty") as sim:
        for command in (
                "nonsense", "\n", "fault", "fault x", "fault x:1",
                "fault x:1:y",
                "fault x:0:EIO", "fault x:z:EIO", "fault :1:EIO",
                "fault x:1:slow=y", "add-parent x", "add-parent x=nosuch",
                "add-parent =mtty", "add-parent a/b=mtty",
                "add-parent ..=mtty", "add-parent p=plain:1",
                "add-parent p=plain:x:1", "hold", "hold x",
                "release " + U + "x", "clear-faults now"):
            equal(sim.control(command), "EINVAL", command)
        equal(sim.control("vanish " + U), "ENODEV")
        equal(sim.control("remove-parent nosuch"), "ENODEV")
        equal(sim.control("add-parent mtty=mdpy"), "EEXIST")


@test
def the_log_has_each_write_and_its_result():
    place = PLACES["mtty"]
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U + "\n"), 37)
        equal(sim.create("mtty", "mtty-2", U), "EEXIST")
        equal(sim.set(U, "power/control", 'a"\t'), "EINVAL")
        equal(sim.remove(U), 1)
        equal(sim.log(), [
            f'0 {place}/mdev_supported_types/mtty-1/create "{U}\\n"',
            f'EEXIST {place}/mdev_supported_types/mtty-2/create "{U}"',
            f'EINVAL {place}/{U}/power/control "a\\"\\x09"',
            f'0 {place}/{U}/remove "1"'])
        equal(sim.control("clear-log"), "ok")
        equal(sim.log(), [])


@test
def the_log_has_the_path_of_removed_files():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        file = os.open(sim.device(U, "power/control"), os.O_WRONLY)
        equal(sim.remove(U), 1)
        equal(attempt(os.write, file, b"on"), "ENODEV")
        os.close(file)
        equal(sim.log()[-1],
              f'ENODEV {PLACES["mtty"]}/{U}/power/control "on"')


# Files that appear and disappear


@test
def parents_are_added_and_removed():
    with Sim("mtty=mtty") as sim:
        equal(sim.control("add-parent 0000:00:02.0=i915\n"), "ok")
        equal(sorted(os.listdir(sim.path("class/mdev_bus"))),
              ["0000:00:02.0", "mtty"])
        equal(sim.create("mtty", "mtty-1", U), 36)
        create = os.open(sim.type("mtty", "mtty-1", "create"), os.O_WRONLY)
        equal(sim.control("remove-parent mtty"), "ok")
        equal(attempt(os.write, create, as_bytes(V)), "ENODEV")
        equal(os.listdir(sim.path("class/mdev_bus")), ["0000:00:02.0"])
        equal(sim.exists(sim.device(U)), False)
        equal(sim.exists(PLACES["mtty"]), False)
        equal(sim.create("0000:00:02.0", "i915-GVTg_V5_8", U), 36)
        equal(sim.control("add-parent mtty=mtty"), "ok")
        equal(attempt(os.write, create, as_bytes(V)), "ENODEV")
        equal(sim.available("mtty"), {"mtty-1": 24, "mtty-2": 12})
        os.close(create)


@test
def a_device_can_disappear():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(sim.control("vanish " + U.upper()), "ok")
        equal(sim.exists(sim.device(U)), False)
        equal(sim.available("mtty"), {"mtty-1": 24, "mtty-2": 12})


def hold_and_remove(sim):
    """A device in use whose removal has begun."""
    equal(sim.create("mtty", "mtty-1", U), 36)
    equal(sim.control("hold " + U), "ok")
    remover = Background(sim.device(U, "remove"), "1")
    wait_until(lambda: not sim.exists(sim.device(U)), "the link is gone")
    return remover


@test
def removing_a_device_in_use_waits_for_its_user():
    with Sim("mtty=mtty") as sim:
        remover = hold_and_remove(sim)
        directory = sim.path(PLACES["mtty"], U)
        equal(sorted(os.listdir(directory)), ["iommu_group", "vfio-dev"])
        equal(os.listdir(sim.type("mtty", "mtty-1", "devices")), [])
        equal(sim.available("mtty"), {"mtty-1": 23, "mtty-2": 11})
        equal(sim.create("mtty", "mtty-1", U), "EEXIST")
        equal(sim.remove(U), "ENOENT")
        equal(sim.create("mtty", "mtty-1", V), 36)
        equal(sim.remove(V), 1)
        equal(sim.control("remove-parent mtty"), "EBUSY")
        equal(remover.result, None)
        equal(sim.control("release " + U), "ok")
        equal(remover.ended(), 1)
        equal(os.path.exists(directory), False)
        equal(sim.available("mtty"), {"mtty-1": 24, "mtty-2": 12})
        equal(sim.create("mtty", "mtty-1", U), 36)


@test
def a_held_device_stays_without_a_removal():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(sim.control("hold " + U), "ok")
        equal(sim.remove(U, "0"), 1)
        equal(sim.control("release " + U), "ok")
        equal(sim.exists(sim.device(U)), True)
        equal(sim.remove(U), 1)


@test
def a_held_device_can_disappear_during_its_removal():
    with Sim("mtty=mtty") as sim:
        remover = hold_and_remove(sim)
        equal(sim.control("vanish " + U), "ok")
        equal(remover.ended(), 1)


@test
def killing_a_waiting_remover_does_not_stop_the_removal():
    with Sim("mtty=mtty") as sim:
        equal(sim.create("mtty", "mtty-1", U), 36)
        equal(sim.control("hold " + U), "ok")
        client = subprocess.Popen(
            ["sh", "-c", f"echo 1 >{sim.device(U, 'remove')}"])
        wait_until(lambda: not sim.exists(sim.device(U)), "the link is gone")
        client.terminate()
        client.kill()
        equal(sim.create("mtty", "mtty-1", U), "EEXIST")
        equal(sim.control("release " + U), "ok")
        client.wait(PATIENCE)
        equal(sim.exists(PLACES["mtty"], U), False)


# The program


def ends_cleanly(how):
    sim = Sim("mtty=mtty")
    equal(sim.end(how), 0)
    equal(is_mounted(sim.directory), False)
    equal(os.listdir(sim.directory), [])


@test
def sigint_unmounts():
    ends_cleanly(signal.SIGINT)


@test
def sigterm_unmounts():
    ends_cleanly(signal.SIGTERM)


@test
def sighup_unmounts():
    ends_cleanly(signal.SIGHUP)


@test
def an_open_file_does_not_keep_the_mount():
    sim = Sim("mtty=mtty")
    file = os.open(sim.type("mtty", "mtty-1", "create"), os.O_WRONLY)
    equal(sim.end(), 0)
    equal(is_mounted(sim.directory), False)
    equal(isinstance(attempt(os.write, file, as_bytes(U)), str), True)
    attempt(os.close, file)  # mdevsim reports that it no longer answers


@test
def a_waiting_remover_does_not_keep_the_mount():
    sim = Sim("mtty=mtty")
    remover = hold_and_remove(sim)
    equal(sim.end(), 0)
    equal(is_mounted(sim.directory), False)
    equal(remover.ended(), "ENODEV")


@test
def a_slow_write_does_not_keep_the_mount():
    sim = Sim("mtty=mtty", options=["--fault", "*:*:slow=3600000"])
    slow = Background(sim.type("mtty", "mtty-1", "create"), U)
    wait_until(sim.pending, "the write is pending")
    equal(sim.end(), 0)
    equal(is_mounted(sim.directory), False)
    equal(slow.ended() is not None, True)


@test
def unmounting_ends_the_program():
    sim = Sim("mtty=mtty")
    command = ["umount"] if os.geteuid() == 0 else ["fusermount3", "-u"]
    subprocess.run(command + [sim.directory], check=True)
    equal(sim.process.wait(PATIENCE), 0)
    sim.process.stdout.close()


@test
def a_stale_mount_is_cleaned_first():
    sim = Sim("mtty=mtty")
    sim.end(signal.SIGKILL)
    equal(is_stale(sim.directory), True)
    with Sim("mdpy=mdpy", directory=sim.directory) as after:
        equal(os.listdir(after.path("class/mdev_bus")), ["mdpy"])
    equal(is_mounted(sim.directory), False)


@test
def a_second_mdevsim_on_the_same_directory_is_refused():
    with Sim("mtty=mtty") as sim:
        equal(run(sim.directory).returncode, 1)
        equal(os.listdir(sim.path("class/mdev_bus")), ["mtty"])


@test
def a_command_has_the_mount_while_it_runs():
    directory = make_directory()
    script = "cat $0/class/mdev_bus/mtty/mdev_supported_types/*/name; exit 7"
    done = run(directory, "--parent", "mtty=mtty", "--device",
               U + "=mtty/mtty-2", "--", "sh", "-c", script, directory)
    equal(done.returncode, 7)
    equal(sorted(done.stdout.splitlines()),
          [b"Dual port serial", b"Single port serial"])
    equal(is_mounted(directory), False)


@test
def a_command_ended_by_a_signal_gives_128_more():
    directory = make_directory()
    equal(run(directory, "--", "sh", "-c", "kill -9 $$").returncode, 137)
    equal(run(directory, "--", "/no/such/program").returncode, 127)
    equal(run(directory, "--", "/etc/passwd").returncode, 126)
    equal(is_mounted(directory), False)


@test
def a_command_gets_the_signals_of_mdevsim():
    directory = make_directory()
    with subprocess.Popen(
            [program, directory, "--", "sh", "-c",
             "trap 'exit 9' TERM; echo on; while :; do sleep 0.01; done"],
            stdout=subprocess.PIPE) as process:
        equal(process.stdout.readline(), b"on\n")
        process.terminate()
        equal(process.wait(PATIENCE), 9)
    equal(is_mounted(directory), False)


@test
def a_command_may_leave_files_open_behind():
    directory = make_directory()
    script = "exec 3<$0/.mdevsim/log; sleep 60 >/dev/null 2>&1 & echo $!"
    done = run(directory, "--", "sh", "-c", script, directory)
    equal(done.returncode, 0)
    equal(is_mounted(directory), False)
    os.kill(int(done.stdout), signal.SIGKILL)


@test
def devices_can_exist_from_the_start():
    with Sim("mtty=mtty",
             options=["--device", U.upper() + "=mtty/mtty-2"]) as sim:
        equal(os.listdir(sim.type("mtty", "mtty-2", "devices")), [U])


@test
def wrong_usage_is_reported():
    directory = make_directory()
    for arguments in ([], [directory, "--nosuch"], [directory, "more"],
                      [directory, "--parent"], [directory, "--parent", "x"],
                      [directory, "--parent", "x=nosuch"],
                      [directory, "--device", "x"],
                      [directory, "--fault", "x"], [directory, "--"]):
        done = run(*arguments)
        equal((done.returncode, done.stdout), (2, b""), arguments)
        equal(done.stderr.startswith(b"mdevsim: "), True)
    for arguments in ([directory, "--device", U + "=mtty/mtty-1"],
                      ["/no/such/directory"], ["/etc/passwd"]):
        equal(run(*arguments).returncode, 1, arguments)


@test
def help_lists_profiles_and_rules():
    done = run("--help")
    equal(done.returncode, 0)
    for word in (b"vfio_ccw", b"plain:N:M", b"GLOB:N:ACTION", b"release"):
        equal(word in done.stdout, True, word)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    tap.skip_all_without_fuse()
    program = os.path.abspath(sys.argv[1])
    with directories:
        sys.exit(tap.run([(tap.title_of(each), each) for each in tests]))
