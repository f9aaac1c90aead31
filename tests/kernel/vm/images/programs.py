# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds the programs of the tests, which run in any guest."""
import pathlib

from images import packages

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "programs"


def programs(cache):
    """Makes a directory of programs that need no libraries."""
    sources = sorted(SOURCES.glob("*.c"))
    return cache.part("programs", [pathlib.Path(__file__), *sources],
                      lambda directory: _make(sources, directory))


def _make(sources, directory):
    for source in sources:
        packages.run("gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-static",
                     "-Wall", "-Wextra", "-Werror",
                     "-o", directory / source.stem, source)
