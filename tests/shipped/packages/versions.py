# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that every file with the version has the version of meson.build.

versions.py SOURCE-DIRECTORY VERSION"""
import pathlib
import re
import sys

WHERE = {
    "doc/NEWS.md": r"^## ([\d.]+)",
    "data/debian/changelog": r"^mdevctl \(([\d.]+)-\d+\)",
    "bindings/ansible/galaxy.yml": r"^version: (\S+)",
    "bindings/c/include/mdev.h": r'^#define MDEV_VERSION "([\d.]+)"',
    "data/mdevctl.spec": r"^Version: +(\S+)",
}


def main():
    source, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    wrong = 0
    for name, pattern in WHERE.items():
        found = re.search(pattern, (source / name).read_text(), re.MULTILINE)
        if not found or found[1] != version:
            print(f"{name} has {found and found[1]}, not {version}",
                  file=sys.stderr)
            wrong += 1
    return wrong != 0


sys.exit(main())
