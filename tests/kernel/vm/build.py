#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Downloads and builds the parts of the virtual machines. run.py builds
missing parts itself; this program builds them in advance."""
import argparse
import os
import pathlib
import shutil
import sys

from images import packages
from images.cache import Cache
from images.kernel import SERIES, kernel
from images.programs import programs
from images.small_guest import small_guest
from images.systemd_guest import libvirt_guest, systemd_guest


class Images:
    """The contents of the cache; each item is made on its first use."""

    def __init__(self, directory):
        self.cache = Cache(directory)
        with self.cache.locked():
            packages.install(packages.TOOLS)

    def kernel(self, series):
        with self.cache.locked():
            return kernel(self.cache, series)

    def programs(self):
        with self.cache.locked():
            return programs(self.cache)

    def small_guest(self):
        with self.cache.locked():
            return small_guest(self.cache)

    def systemd_guest(self):
        with self.cache.locked():
            return systemd_guest(self.cache)

    def libvirt_guest(self, series):
        with self.cache.locked():
            return libvirt_guest(self.cache, series)

    def disk(self, guest, series):
        """Returns the disk of a guest that has one, or None."""
        if guest == "libvirt":
            return self.libvirt_guest(series)
        return self.systemd_guest() if guest == "systemd" else None


def default_directory(build):
    return os.environ.get("MDEVCTL_VM_CACHE") or pathlib.Path(build) / "vm"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build-dir", default="build",
                        help="the directory of vm/, without $MDEVCTL_VM_CACHE")
    parser.add_argument("--refresh", action="store_true",
                        help="remove all parts, to get newer packages")
    parser.add_argument("--short", action="store_true",
                        help="only the parts for the short pass")
    arguments = parser.parse_args()
    directory = default_directory(arguments.build_dir)
    if arguments.refresh:
        shutil.rmtree(directory, ignore_errors=True)
    try:
        images = Images(directory)
        images.programs()
        images.small_guest()
        for series in ["6.1"] if arguments.short else SERIES:
            images.kernel(series)
            if not arguments.short:
                images.disk("systemd", series)
                images.disk("libvirt", series)
    except packages.Unavailable as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
