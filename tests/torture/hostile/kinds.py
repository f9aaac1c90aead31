# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pipes, devices, directories and huge files in the place of a definition or
of a --jsonfile are refused, with their name, in limited time and memory."""
import errno
import os
import pathlib
import resource
import stat
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import store as stores  # noqa: E402
from tap import Skip, expect  # noqa: E402

UUID = stores.uuid(1)
OTHER = stores.uuid(2)
GIGABYTE = 1 << 30


def place(store, name=UUID):
    """Returns the path of a definition."""
    (store.definitions / "P").mkdir(parents=True, exist_ok=True)
    return store.definitions / "P" / name


def sparse(path, size=GIGABYTE):
    with open(path, "wb") as file:
        file.truncate(size)


def node(path, kind, major, minor):
    try:
        os.mknod(path, kind | 0o600, os.makedev(major, minor))
    except PermissionError as error:
        raise Skip("device nodes cannot be made here") from error


def check_left_out(store, path):
    """Checks that a list has the other definition and warns about this one,
    and that this one can neither be started nor modified."""
    place(store, OTHER).write_text('{"mdev_type": "T", "start": "manual"}')
    with store.start("list", "-d") as process:
        stdout, stderr = process.communicate(timeout=60)
    expect(process.returncode == 0 and OTHER in stdout, stderr)
    expect(UUID not in stdout and str(path) in stderr, stdout + stderr)
    said = store.refusal("modify", "-u", UUID, "--auto")
    expect(str(path) in said, said)
    store.refusal("start", "-u", UUID)


def refused(store, path, **options):
    said = store.refusal("define", "-u", UUID, "-p", "P", "--jsonfile",
                         str(path), **options)
    expect(str(path) in said, said)
    expect(not store.files(), store.files())
    return said


def definition_is_a_pipe(store, _):
    """a definition that is a pipe is left out without waiting"""
    os.mkfifo(place(store))
    check_left_out(store, place(store))


def definition_is_a_device(store, _):
    """a definition that is a device node is left out without reading"""
    node(place(store), stat.S_IFCHR, 1, 5)  # /dev/zero, endless
    check_left_out(store, place(store))


def definition_is_a_directory(store, _):
    """a definition that is a directory is left out"""
    place(store).mkdir()
    check_left_out(store, place(store))


def definition_is_huge(store, _):
    """a definition of a gigabyte is left out without reading"""
    sparse(place(store))
    check_left_out(store, place(store))
    expect(used_memory(store, "list", "-d") < GIGABYTE // 4,
           "the file was read")


def used_memory(store, *words):
    """Returns the maximum memory of one run, in bytes."""
    pid = os.posix_spawn(
        store.mdevctl, [store.mdevctl, *words], store.environment,
        file_actions=[(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0)
                      for number in (0, 1, 2)])
    return os.wait4(pid, 0)[2].ru_maxrss * 1024


def file_is_huge(store, _):
    """a --jsonfile of a gigabyte is refused without reading"""
    path = store.root / "huge"
    sparse(path)
    refused(store, path)
    expect(used_memory(store, "define", "-p", "P", "--jsonfile", str(path)) <
           GIGABYTE // 4, "the file was read")


def file_is_endless(store, _):
    """an endless --jsonfile is refused when it gets too long"""
    refused(store, "/dev/zero")


def file_is_a_pipe(store, _):
    """a --jsonfile that is a pipe without a writer is refused after a while"""
    path = store.root / "pipe"
    os.mkfifo(path)
    refused(store, path)


def file_is_a_late_pipe(store, _):
    """a --jsonfile whose writer opens it later is read"""
    path = store.root / "pipe"
    os.mkfifo(path)

    def write():
        with open(path, "w", encoding="ascii") as pipe:
            for part in ('{"mdev_type": "T",', '"start": "manual"}'):
                pipe.write(part)
                pipe.flush()

    with store.start("define", "-u", UUID, "-p", "P", "--jsonfile",
                     str(path)) as process:
        thread = threading.Thread(target=write)
        thread.start()
        _, stderr = process.communicate(timeout=60)
        thread.join()
    expect(process.returncode == 0, stderr)
    expect(store.definition(UUID), "nothing is defined")


def file_is_a_disk(store, _):
    """a --jsonfile that is a block device is refused"""
    path = store.root / "disk"
    node(path, stat.S_IFBLK, 7, 0)
    refused(store, path)


def stdin_stays_open(store, _):
    """a --jsonfile from a stdin that stays open is refused after a while"""
    reading, writing = os.pipe()
    try:
        refused(store, "/dev/stdin", stdin=reading)
    finally:
        os.close(reading)
        os.close(writing)


def attribute_is_huge(store, _):
    """the size of the kernel's files is also limited"""
    parent = store.parent("P")
    kind = parent / "mdev_supported_types/T"
    for name in ("name", "description", "available_instances", "device_api"):
        sparse(kind / name)
    store.device(stores.uuid(3))
    expect(used_memory(store, "types") < GIGABYTE // 4, "the file was read")
    with store.start("types") as process:
        _, stderr = process.communicate(timeout=60)
    expect("available_instances" in stderr,
           f"no warning about the file: {stderr}")
    store.run("list")


def attribute_is_a_pipe(store, _):
    """an attribute that is a pipe is neither read nor written"""
    parent = store.parent("P")
    kind = parent / "mdev_supported_types/T"
    (kind / "create").unlink()
    os.mkfifo(kind / "create")
    store.refusal("start", "-u", UUID, "-p", "P", "-t", "T")
    (kind / "name").unlink(missing_ok=True)
    os.mkfifo(kind / "name")
    with store.start("types") as process:
        _, stderr = process.communicate(timeout=60)
    expect("name" in stderr, stderr)
    device = store.device(UUID)
    (device / "remove").unlink()
    os.mkfifo(device / "remove")
    store.refusal("stop", "-u", UUID)


def many_definitions(store, options):
    """a hundred thousand definitions are listed, and one of them is changed"""
    if not options.long:
        raise Skip("only with --long")
    count = 100_000
    for number in range(count):
        place(store, stores.uuid(number)).write_text(
            '{"mdev_type": "T", "start": "manual"}')
    expect(len(store.run("list", "-d").splitlines()) == count, "the list")
    store.run("modify", "-u", stores.uuid(count // 2), "--auto")
    expect(store.definition(stores.uuid(count // 2))["start"] == "auto", "-")
    store.run("undefine", "-u", stores.uuid(count // 2))
    for number in range(count, 2 * count):
        (store.definitions / f"P{number}").mkdir()
    store.run("undefine", "-u", stores.uuid(1))
    expect(len(store.run("list", "-d").splitlines()) == count - 2, "the list")


def descriptors_are_few(store, _):
    """eight descriptors are enough, fewer cause an error with this reason"""
    def limit(number):
        return lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (number, number))

    store.run("define", "-u", UUID, "-p", "P", "-t", "T", preexec_fn=limit(9))
    for number in (4, 5, 6):
        with store.start("modify", "-u", UUID, "--auto",
                         preexec_fn=limit(number),
                         stdout=subprocess.DEVNULL) as process:
            _, stderr = process.communicate(timeout=60)
        expect(process.returncode == 1 and os.strerror(errno.EMFILE) in stderr,
               f"{number}: {process.returncode}: {stderr}")
        expect(store.definition(UUID)["start"] == "manual",
               "the definition was modified")


def add_options(parser):
    parser.add_argument("--long", action="store_true",
                        help="also test a hundred thousand definitions")


sys.exit(stores.main(__doc__, [
    definition_is_a_pipe, definition_is_a_device, definition_is_a_directory,
    definition_is_huge, file_is_huge, file_is_endless, file_is_a_pipe,
    file_is_a_late_pipe, file_is_a_disk, stdin_stays_open, attribute_is_huge,
    attribute_is_a_pipe, descriptors_are_few, many_definitions], add_options))
