# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Debian 12 with systemd on a disk. The small guest is its initial RAM disk,
and brings the modules and what is tested."""
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
# What takes time or room and has nothing to do here.
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
    """The image of a file system."""
    part = cache.part("systemd", [pathlib.Path(__file__)], _make)
    return part / "disk"


def _make(directory):
    packages.install(TOOLS)
    say("installing a Debian 12")
    root = directory / "root"
    packages.apt("debootstrap", "--variant=minbase", f"--include={INCLUDED}",
                 "bookworm", root)
    for name in UNWANTED:
        shutil.rmtree(root / name, ignore_errors=True)
    _configure(root)
    packages.run("mke2fs", "-q", "-t", "ext4", "-d", root,
                 directory / "disk", SIZE)
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
