# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the trees for the programs: root directories with the definitions,
devices, parents and scripts of a host, which are always the same."""
import json
import os
import random
import uuid

PLAIN_TYPE = "nvidia-222"
SIMULATED_TYPE = "plain-1"
FOREIGN_SCRIPT = """\
#!/bin/sh
exit 2
"""
# A script that knows its devices, in each version of the protocol.
VERSIONED_SCRIPT = """\
#!/bin/sh
case $6 in
capabilities)
    echo '{"supports":{"version":2,"actions":["attributes"],"events":["get"]}}'
    ;;
attributes)
    echo '[{"assign_adapter":"5"},{"assign_domain":"0x47"}]'
    ;;
esac
"""


def uuids(count):
    numbers = random.Random(20)
    return [str(uuid.UUID(int=numbers.getrandbits(128), version=4))
            for _ in range(count)]


def definition(start, type_id=PLAIN_TYPE):
    return json.dumps(
        {"mdev_type": type_id, "start": start,
         "attrs": [{"assign_adapter": "5"}, {"assign_domain": "0x47"}]
         if start == "manual" else []}, indent=2) + "\n"


def parent_name(number):
    return f"{number // 256:04x}:{number % 256:02x}:00.0"


class Tree:
    """A host without files."""

    def __init__(self, root):
        self.root = root
        self.definitions = root / "etc/mdevctl.d"
        self.parents = root / "sys/class/mdev_bus"
        self.devices = root / "sys/bus/mdev/devices"
        self.scripts = self.definitions / "scripts.d/callouts"
        for directory in (self.definitions, self.parents, self.devices,
                          self.scripts, self.scripts.parent / "notifiers"):
            directory.mkdir(parents=True)

    def define(self, names, parents, start="manual", type_id=PLAIN_TYPE):
        text = definition(start, type_id).encode()
        for number in range(parents):
            (self.definitions / parent_name(number)).mkdir()
        for index, name in enumerate(names):
            parent = self.definitions / parent_name(index % parents)
            with open(parent / name, "wb") as file:
                file.write(text)

    def offer(self, parents, types, instances=16):
        """Adds parents with so many types each, with the files of the kernel.
        """
        for number in range(parents):
            name = parent_name(number)
            below = self.root / "sys/devices/pci0000:00" / name
            for index in range(types):
                directory = (below / "mdev_supported_types" /
                             f"nvidia-{222 + index}")
                (directory / "devices").mkdir(parents=True)
                for file, text in (
                        ("available_instances", f"{instances}\n"),
                        ("create", ""), ("device_api", "vfio-pci\n"),
                        ("name", f"GRID T4-{index}B\n"),
                        ("description", "num_heads=4, frl_config=45, "
                         "framebuffer=1024M, max_resolution=5120x2880, "
                         "max_instance=16\n")):
                    (directory / file).write_text(text)
            os.symlink(f"../../devices/pci0000:00/{name}", self.parents / name)

    def activate(self, names):
        """Adds devices of the first parent."""
        parent = parent_name(0)
        below = self.root / "sys/devices/pci0000:00" / parent
        for name in names:
            (below / name).mkdir()
            os.symlink(f"../mdev_supported_types/{PLAIN_TYPE}",
                       below / name / "mdev_type")
            os.symlink(f"../../../devices/pci0000:00/{parent}/{name}",
                       self.devices / name)

    def add_script(self, name, text):
        path = self.scripts / name
        path.write_text(text)
        path.chmod(0o755)


def empty(root, _):
    Tree(root)


def defined_under(parents):
    def make(root, count):
        Tree(root).define(uuids(count), parents)
    return make


def active(root, count, scripts=()):
    tree = Tree(root)
    tree.offer(1, 1)
    tree.activate(uuids(count))
    for name, text in scripts:
        tree.add_script(name, text)


def active_with(*scripts):
    return lambda root, count: active(root, count, scripts)


def typed(root, count):
    Tree(root).offer(count, 10)


def automatic_on(parents):
    def make(root, count):
        tree = Tree(root)
        tree.offer(parents, 1, count)
        tree.define(uuids(count), parents, "auto")
    return make


def automatic_only(root, count):
    """Without /sys, which is mdevsim's."""
    Tree(root).define(uuids(count), 1, "auto", SIMULATED_TYPE)


def usual(root, count):
    """A host with two cards, and as many definitions as transient devices."""
    tree = Tree(root)
    tree.offer(2, 10)
    names = uuids(2 * count)
    tree.define(names[:count], 2)
    tree.activate(names[count:])
