# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installs the build into a directory of its own, for tests of the installed
files."""
import json
import os
import pathlib

from command import run


def install(build, directory, *options):
    """Installs the build directory, without building."""
    run("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir",
        directory, *options)


def program_path(build):
    """Returns the path of the installed mdevctl."""
    plan = pathlib.Path(build, "meson-info/intro-installed.json").read_text()
    return next(pathlib.Path(target) for source, target
                in json.loads(plan).items()
                if source.endswith("/mdevctl/mdevctl"))


class Installed:
    """An installed copy. With `environment`, pkg-config finds the library
    `name` in the copy, and programs that are linked with it run."""

    def __init__(self, build, directory, name="libmdev"):
        install(build, directory)
        pc = next(directory.rglob(f"{name}.pc"))
        self.name = name
        self.library = pc.parent.parent
        self.include = next(directory.rglob("include/mdev")).parent
        self.environment = dict(
            os.environ, PKG_CONFIG_PATH=str(pc.parent),
            PKG_CONFIG_SYSROOT_DIR=str(directory),
            LD_LIBRARY_PATH=str(self.library))

    def pkg_config(self, *options):
        return run("pkg-config", *options, self.name,
                   env=self.environment).split()


def make_root(directory):
    """Makes a root directory whose parent P has 4 available instances of the
    type T."""
    types = directory / "sys/class/mdev_bus/P/mdev_supported_types/T"
    types.mkdir(parents=True)
    (types / "available_instances").write_text("4\n")
    (types / "device_api").write_text("vfio-pci\n")
    return directory
