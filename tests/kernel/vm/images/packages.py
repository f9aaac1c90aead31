# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian's packages. Packages that this machine needs are installed; packages
for a virtual machine are only downloaded and unpacked."""
import os
import pathlib
import re
import shutil
import subprocess

from images.cache import say

# A file that exists if its package is installed.
TOOLS = {
    "/usr/bin/qemu-system-x86_64": "qemu-system-x86",
    "/usr/bin/cpio": "cpio",
    "/usr/bin/gcc": "gcc",
    "/usr/bin/make": "make",
    "/usr/bin/xz": "xz-utils",
    "/usr/include/stdio.h": "libc6-dev",
    "/usr/lib/x86_64-linux-gnu/libelf.so.1": "libelf1",
}

APT_OPTIONS = ["-o", "Acquire::http::Timeout=20",
               "-o", "Acquire::https::Timeout=20", "-o", "Acquire::Retries=2",
               "-o", "DPkg::Lock::Timeout=120"]
APT_LIMIT = 1200  # seconds


class Unavailable(Exception):
    """A requirement is missing here; the tests are skipped."""


def run(*words, **options):
    """Runs a tool; its output is shown only if it fails."""
    result = subprocess.run(
        list(map(str, words)), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        env=dict(os.environ, LC_ALL="C", DEBIAN_FRONTEND="noninteractive"),
        check=False, text=True, errors="replace", **options)
    if result.returncode:
        tail = "\n".join(result.stdout.splitlines()[-15:])
        raise RuntimeError(f"{' '.join(map(str, words))} failed:\n{tail}")
    return result.stdout


def apt(*words, **options):
    """Runs apt-get or a similar tool, which needs the network. If the network
    does not answer, the tool ends soon."""
    extra = APT_OPTIONS if words[0] == "apt-get" else []
    try:
        return run(*words, *extra, timeout=APT_LIMIT, **options)
    except (RuntimeError, FileNotFoundError,
            subprocess.TimeoutExpired) as error:
        raise Unavailable(str(error)) from error


def update_once(done=[]):  # pylint: disable=dangerous-default-value
    """Updates the lists of packages, which may be missing, as in fresh
    containers, or out of date."""
    if not done:
        done.append(True)
        apt("apt-get", "update", "-q")


def install(tools):
    """Installs the packages whose file is missing."""
    missing = [package for file, package in tools.items()
               if not os.path.exists(file)]
    if not missing:
        return
    if os.geteuid() != 0:
        raise Unavailable("as root, install first: " + " ".join(missing))
    say("installing " + " ".join(missing))
    update_once()
    apt("apt-get", "install", "-q", "-y", "--no-install-recommends", *missing)


def dependency(package, pattern):
    """Returns the package that this one depends on and whose name matches a
    pattern."""
    for line in apt("apt-cache", "depends", package).splitlines():
        found = re.fullmatch(rf"\s*Depends: ({pattern})", line)
        if found:
            return found[1]
    raise Unavailable(f"apt's {package} depends on no {pattern}")


def download(directory, packages):
    """Downloads packages into a directory. Returns the files."""
    say("downloading " + " ".join(packages))
    update_once()
    return [_download(directory, package) for package in packages]


def _download(directory, package):
    for word in apt("apt-get", "download", "--print-uris", package).split():
        if word.endswith(".deb"):
            name = word
    file = pathlib.Path(directory) / name
    if not file.exists():
        apt("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download",
            package, cwd=directory)
    return file


def unpack(file, directory):
    run("dpkg-deb", "--extract", file, directory)


def libraries(program, *directories):
    """Returns the files that the dynamic linker loads for a program.
    `directories` are searched first."""
    environment = dict(os.environ, LD_LIBRARY_PATH=":".join(
        map(str, directories)), LC_ALL="C")
    listed = subprocess.run(["ldd", program], env=environment, text=True,
                            stdout=subprocess.PIPE, check=True).stdout
    missing = re.findall(r"(\S+) => not found", listed)
    if missing:
        raise RuntimeError(f"{program} needs {', '.join(missing)}")
    return [pathlib.Path(found) for found in
            re.findall(r"(/\S+) \(0x", listed)]


def archive(directory, file):
    """Packs a directory so that the kernel can unpack it at boot."""
    names = subprocess.run(
        ["find", ".", "-mindepth", "1", "-print0"], cwd=directory, check=True,
        stdout=subprocess.PIPE).stdout
    with open(file, "wb") as output:
        subprocess.run(
            ["cpio", "-0", "-o", "-H", "newc", "--owner=0:0", "--quiet"],
            cwd=directory, input=names, stdout=output, check=True)


def copy(source, directory):
    """Copies a file, following links, into a directory that may be missing."""
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, directory / pathlib.Path(source).name)
