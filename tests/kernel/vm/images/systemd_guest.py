# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a Debian with systemd on a disk. Its initial RAM disk is the small
guest, which has the modules and the programs under test."""
import os
import pathlib
import shutil

from images import packages
from images.cache import say

TOOLS = {
    "/usr/sbin/debootstrap": "debootstrap",
    "/usr/sbin/mke2fs": "e2fsprogs",
}
INCLUDED = "systemd,systemd-sysv,udev,kmod,dbus,procps"
SIZE = "768M"
# The release of Debian with libvirt that has a kernel of the series.
LIBVIRT_RELEASES = {"6.1": "bookworm", "6.12": "trixie"}
LIBVIRT_PACKAGES = ["libvirt-daemon-system", "libvirt-clients"]
LIBVIRT_SIZE = "1280M"
LIBVIRT_DRIVERS = "usr/lib/x86_64-linux-gnu/libvirt/connection-driver"
# Directories that take space, and that the tests do not need.
UNWANTED = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc",
            "usr/share/man", "usr/share/locale", "usr/share/zoneinfo"]
MASKED = ["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer",
          "e2scrub_all.timer", "e2scrub_reap.service",
          "systemd-tmpfiles-clean.timer", "systemd-update-utmp.service",
          "systemd-firstboot.service", "fstrim.timer"]
AGENT = """[Unit]
Description=The tests' own agent
[Service]
Type=exec
ExecStart=/vm/agent
StandardOutput=null
StandardError=null
"""


def systemd_guest(cache):
    """Makes the image of a file system."""
    def make(directory):
        root = _install(directory, "bookworm")
        _make_disk(root, directory, SIZE)
    return cache.part("systemd", [pathlib.Path(__file__)], make) / "disk"


def libvirt_guest(cache, series):
    """Makes the image with libvirt, for a kernel of this series."""
    release = LIBVIRT_RELEASES[series]

    def make(directory):
        root = _install(directory, release, LIBVIRT_PACKAGES)
        _configure_libvirt(root)
        _make_disk(root, directory, LIBVIRT_SIZE)
    return cache.part(
        f"libvirt-{release}", [pathlib.Path(__file__)], make) / "disk"


def _install(directory, release, more=()):
    """debootstrap itself cannot resolve the dependencies of many packages."""
    packages.install(TOOLS)
    say(" ".join((f"installing Debian's {release}", *more)))
    root = directory / "root"
    packages.apt("debootstrap", "--variant=minbase", f"--include={INCLUDED}",
                 release, root)
    if more:
        packages.apt("chroot", root, "apt-get", "-q", "-y",
                     "--no-install-recommends", "install", *more)
    for name in UNWANTED:
        shutil.rmtree(root / name, ignore_errors=True)
    _configure(root)
    return root


def _make_disk(root, directory, size):
    packages.run("mke2fs", "-q", "-t", "ext4", "-d", root,
                 directory / "disk", size)
    shutil.rmtree(root)


def _configure(root):
    units = root / "etc/systemd/system"
    for unit in MASKED:
        (units / unit).symlink_to("/dev/null")
    (units / "default.target").unlink(missing_ok=True)
    (units / "default.target").symlink_to(
        "/usr/lib/systemd/system/multi-user.target")
    (units / "agent.service").write_text(AGENT)
    wanted = units / "multi-user.target.wants"
    wanted.mkdir(exist_ok=True)
    (wanted / "agent.service").symlink_to("../agent.service")
    (root / "etc/hostname").write_text("guest\n")
    (root / "etc/fstab").write_text("/dev/vda / ext4 defaults 0 1\n")
    (root / "etc/machine-id").write_text("0123456789abcdef" * 2 + "\n")
    for name in ("etc/.updated", "var/.updated"):
        (root / name).touch()
        os.utime(root / name)


def _configure_libvirt(root):
    """The cases start the daemon, with one driver. Other drivers would look
    for devices that the guest does not have."""
    for driver in (root / LIBVIRT_DRIVERS).iterdir():
        if driver.name != "libvirt_driver_nodedev.so":
            driver.unlink()
    for links in (root / "etc/systemd/system").glob("*.wants"):
        for link in (*links.glob("libvirt*"), *links.glob("virt*")):
            link.unlink()
