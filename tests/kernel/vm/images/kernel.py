# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes Debian's kernels with the sample drivers of mediated devices from the
kernel's source: mtty, mdpy and mbochs; and with our own driver for virtual
GPUs without the mdev bus."""
import json
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import tarfile

from images import packages
from images.cache import say

# apt's names of the newest kernel of a series, and of the series' source.
SERIES = {
    "6.1": ("linux-image-amd64", "linux-source-6.1"),
    "6.12": ("linux-image-6.12-amd64", "linux-source-6.12"),
}
# The modules of Debian that the guests need, without their dependencies.
MODULES = ["mdev", "vfio_iommu_type1", "virtio_blk", "virtio_pci", "ext4",
           "crc32c_generic", "loop", "btrfs", "xfs", "overlay", "nfsd",
           "nfsv4", "vfio_pci_core"]
DRIVERS = ["mtty", "mdpy", "mbochs", "mtty_odd", "mtty_pci", "nvidia"]
OWN_DRIVERS = [pathlib.Path(__file__).resolve().parents[1] / "drivers/nvidia.c"]
ODD_PARENT = "mtty odd-${x}@1"
PCI_SLOT = 0x10  # no other driver uses this device of the guests
PCI_PARENT = """
#include <linux/pci.h>
static struct device *pci_parent(void)
{
	struct pci_dev *device =
		pci_get_domain_bus_and_slot(0, 0, PCI_DEVFN(%d, 0));
	return device ? &device->dev : &mtty_dev.dev;
}
""" % PCI_SLOT


class Kernel:
    """A kernel that can be booted: its release, image and modules."""

    def __init__(self, series, directory):
        self.series = series
        self.directory = directory
        self.release = (directory / "release").read_text().strip()
        self.image = next(file for file in (directory / "vmlinux",
                                            directory / "vmlinuz")
                          if file.exists())
        self.modules = directory / "modules"


def kernel(cache, series):
    """Returns a kernel, and makes it if it is missing. Only making needs the
    network."""
    files = _downloads(cache, series)
    names = [file.name for file in files.values()]
    return Kernel(series, cache.part(
        f"kernel-{series}", [pathlib.Path(__file__), *OWN_DRIVERS, *names],
        lambda directory: _make(files, directory)))


def _downloads(cache, series):
    """Returns the packages by their purpose. Packages are kept, so a newer
    kernel does not need the network later. build.py --refresh removes them."""
    directory = cache.directory / f"packages-{series}"
    index = directory / "index.json"
    if not index.exists():
        directory.mkdir(exist_ok=True)
        packages.update_once()
        names = _package_names(*SERIES[series])
        files = packages.download(directory, names.values())
        index.write_text(json.dumps(
            dict(zip(names, (file.name for file in files))), indent=2))
    return {use: directory / name
            for use, name in json.loads(index.read_text()).items()}


def _package_names(newest, source):
    version = re.escape(source.rpartition("-")[2])
    image = packages.dependency(newest, rf"linux-image-{version}[.]\S*-amd64")
    headers = image.replace("-image-", "-headers-")
    return {
        "image": image,
        "headers": headers,
        "common": packages.dependency(headers, r"linux-headers-\S+-common"),
        "kbuild": packages.dependency(headers, r"linux-kbuild-\S+"),
        "source": source,
        "kmod": "kmod",
        "libkmod": "libkmod2",
    }


def _make(files, directory):
    tree = directory / "unpacked"
    for use, file in files.items():
        packages.unpack(file, tree)
    release = files["image"].name.partition("_")[0][len("linux-image-"):]
    (directory / "release").write_text(release + "\n")
    _extract_image(tree / f"boot/vmlinuz-{release}", directory)
    _build_drivers(tree, release, directory / "drivers")
    _gather_modules(tree, release, directory)
    shutil.rmtree(tree)


def _extract_image(vmlinuz, directory):
    """Decompresses the kernel, which makes its start in an emulator three
    times as fast. A kernel that cannot be found in the image stays compressed.
    """
    content = vmlinuz.read_bytes()
    begin = content.find(b"\xfd7zXZ\0")
    image = b""
    if begin >= 0:
        image = lzma.LZMADecompressor().decompress(content[begin:])
    if image.startswith(b"\x7fELF"):
        (directory / "vmlinux").write_bytes(image)
    else:
        shutil.copy(vmlinuz, directory / "vmlinuz")


def _build_drivers(tree, release, directory):
    """Builds the drivers out of tree. The packaged headers contain the path of
    their installation, which is replaced."""
    directory.mkdir()
    source = next(tree.glob("usr/src/linux-source-*.tar.xz"))
    with tarfile.open(source) as archive:
        for member in archive:
            if re.match(r"[^/]*/samples/vfio-mdev/[^/]*[.][ch]$", member.name):
                member.name = os.path.basename(member.name)
                archive.extract(member, directory)
    _write_variants(directory)
    for driver in OWN_DRIVERS:
        shutil.copy(driver, directory)
    objects = " ".join(f"{driver}.o" for driver in DRIVERS)
    (directory / "Makefile").write_text(f"obj-m := {objects}\n")
    headers = tree / f"usr/src/linux-headers-{release}"
    makefile = headers / "Makefile"
    makefile.write_text(makefile.read_text().replace(
        " /usr/src/", f" {tree}/usr/src/"))
    say(f"building {' '.join(DRIVERS)} for {release}")
    # Type information of modules needs a tool that the tests do not need
    # otherwise.
    packages.run("make", "-C", headers, f"M={directory}", f"-j{os.cpu_count()}",
                 "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules")


def _write_variants(directory):
    """Makes two more parents from mtty: one whose name has special characters
    for udev and systemd, and one that is a PCI device. The PCI device remains
    while its driver is unloaded."""
    source = (directory / "mtty.c").read_text()
    (directory / "mtty_odd.c").write_text(
        source.replace('"mtty"', f'"{ODD_PARENT}"'))
    source = source.replace('"mtty"', '"mtty_pci"')
    source = source.replace("static int __init", PCI_PARENT +
                            "static int __init", 1)
    (directory / "mtty_pci.c").write_text(re.sub(
        r"&mtty_dev[.]dev,(\s*)&mtty_driver", r"pci_parent(),\1&mtty_driver",
        source))


def _gather_modules(tree, release, directory):
    """Gathers the modules and their dependencies, ready for modprobe."""
    unpacked = tree / f"lib/modules/{release}"
    wanted = directory / f"modules/lib/modules/{release}"
    _depmod(tree, tree, release)
    for module in _with_dependencies(unpacked / "modules.dep", MODULES):
        packages.copy(unpacked / module, wanted / os.path.dirname(module))
    for driver in DRIVERS:
        packages.copy(directory / f"drivers/{driver}.ko", wanted / "extra")
        packages.run("strip", "-g", wanted / f"extra/{driver}.ko")
    for file in unpacked.glob("modules.builtin*"):
        packages.copy(file, wanted)
    packages.copy(unpacked / "modules.order", wanted)
    _depmod(tree, directory / "modules", release)


def _depmod(tree, base, release):
    """kmod acts as the tool that argv[0] names. It need not be installed here.
    """
    libraries = tree / "lib/x86_64-linux-gnu"
    subprocess.run(["depmod", "-b", base, release], check=True,
                   executable=tree / "bin/kmod",
                   env=dict(os.environ, LD_LIBRARY_PATH=str(libraries)))


def _with_dependencies(index, names):
    """Returns the paths of modules from the output of depmod."""
    found = {}
    for line in index.read_text().splitlines():
        path, _, dependencies = line.partition(":")
        name = os.path.basename(path).partition(".")[0].replace("-", "_")
        found[name] = [path, *dependencies.split()]
    return sorted({path for name in names for path in found.get(name, [])})
