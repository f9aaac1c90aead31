# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a system in memory that boots in seconds: busybox, kmod, udev, and the
tools for file systems."""
import json
import os
import pathlib
import subprocess

from images import packages

PACKAGES = ["busybox-static", "kmod", "libkmod2", "udev", "btrfs-progs",
            "liblzo2-2", "xfsprogs", "libinih1", "liburcu8", "acl", "libacl1",
            "attr", "libattr1"]
PROGRAMS = ["bin/kmod", "bin/udevadm", "sbin/mkfs.btrfs", "sbin/mkfs.xfs",
            "bin/setfacl", "bin/getfacl", "usr/bin/setfattr",
            "usr/bin/getfattr"]
# busybox has its own versions of these tools, with fewer functions.
KMOD = ["depmod", "insmod", "lsmod", "modinfo", "modprobe", "rmmod"]
RULES = ["50-udev-default.rules", "80-drivers.rules"]
LIBRARIES = pathlib.Path("lib/x86_64-linux-gnu")


def small_guest(cache):
    """Makes the archive that the kernel unpacks into its first root."""
    files = _downloads(cache)
    names = [file.name for file in files]
    part = cache.part("small", [pathlib.Path(__file__), *names],
                      lambda directory: _make(files, directory))
    return part / "root.cpio"


def _downloads(cache):
    directory = cache.directory / "packages-small"
    index = directory / "index.json"
    names = json.loads(index.read_text()) if index.exists() else {}
    if names.keys() != set(PACKAGES):
        directory.mkdir(exist_ok=True)
        files = packages.download(directory, PACKAGES)
        names = {package: file.name for package, file in zip(PACKAGES, files)}
        index.write_text(json.dumps(names, indent=2))
    return [directory / name for name in names.values()]


def _make(files, directory):
    unpacked = directory / "unpacked"
    for file in files:
        packages.unpack(file, unpacked)
    root = directory / "root"
    _make_directories(root)
    _add_busybox(unpacked / "bin/busybox", root)
    for program in PROGRAMS:
        _add_program(unpacked, unpacked / program, root)
    for name in KMOD:
        (root / "usr/sbin" / name).symlink_to("../bin/kmod")
    packages.copy("/sbin/ldconfig", root / "usr/sbin")
    (root / "usr/lib/systemd/systemd-udevd").symlink_to("../../bin/udevadm")
    for rule in RULES:
        packages.copy(unpacked / "lib/udev/rules.d" / rule,
                      root / "usr/lib/udev/rules.d")
    for file in ("passwd", "group"):
        packages.copy(pathlib.Path("/etc") / file, root / "etc")
    packages.archive(root, directory / "root.cpio")
    packages.run("rm", "-r", unpacked, root)


def _make_directories(root):
    for name in ("usr/bin", "usr/sbin", "usr/lib", "usr/lib64",
                 "usr/lib/systemd", "etc/ld.so.conf.d", "dev", "proc", "run",
                 "sys", "tmp", "var", "root"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    (root / "var/run").symlink_to("/run")
    (root / "etc/ld.so.conf").write_text(
        "/usr/local/lib\n/usr/local/lib/x86_64-linux-gnu\n"
        "/usr/lib/x86_64-linux-gnu\n")


def _add_busybox(busybox, root):
    packages.copy(busybox, root / "usr/bin")
    applets = subprocess.run([busybox, "--list"], stdout=subprocess.PIPE,
                             text=True, check=True).stdout.split()
    for applet in applets:
        link = root / "usr/bin" / applet
        if applet not in KMOD and not link.exists():
            link.symlink_to("busybox")


def _add_program(unpacked, program, root):
    (root / "usr/bin" / program.name).unlink(missing_ok=True)
    packages.copy(program, root / "usr/bin")
    for library in packages.libraries(
            program, unpacked / LIBRARIES, unpacked / "usr" / LIBRARIES):
        loader = os.path.basename(library).startswith("ld-linux")
        packages.copy(library, root / ("usr/lib64" if loader else
                                       f"usr/{LIBRARIES}"))
