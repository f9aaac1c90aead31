# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests Debian's libvirt with mdevctl. The daemon, which has only its
node-device driver, lists, defines, starts and undefines devices on a simulated
kernel. Every call of mdevctl is compared with a table. Prints TAP.

The packages of libvirt are unpacked in a directory of their own (--cache), and
run in a root made of the machine's own directories; nothing is installed. The
test needs root, /dev/fuse, and Debian's archive unless the cache has been
filled."""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from tap import Failure  # noqa: E402

LIMIT = 120  # seconds something may take, which is only a bound
PACKAGES = ("libvirt-daemon", "libvirt-clients")
# In later releases the driver is in a package of its own.
DRIVER = "libvirt-daemon-driver-nodedev"
U1 = "6eba5b41-176e-40db-b93e-7f18e04e0b93"
U2 = "7a2c2b68-b3cb-4e7c-8b0a-16a2a5b2a1c7"
U3 = "83c32df7-d52e-4ec1-9668-1f3c7e4df107"
BROKEN = "00000000-0000-0000-0000-000000000bad"

# The calls for lists, which libvirt may make at any time.
LISTS = {"list --dumpjson --defined", "list --dumpjson"}
PROBE = "modify --defined --live --jsonfile b --help"
OPTIONS = "--parent=mtty --jsonfile=/dev/stdin"
UPDATE = f"modify {OPTIONS} --uuid={U1} --defined"
# The commands of virsh, and the calls of mdevctl for them.
CALLS = {
    "define": [f"define {OPTIONS} --uuid={U1}"],
    "define without a UUID": [f"define {OPTIONS}"],
    "autostart": [f"modify --uuid {U1} --auto"],
    "autostart --disable": [f"modify --uuid {U1} --manual"],
    "update --config": [PROBE, UPDATE],
    "start": [f"start --uuid={U1}"],
    "destroy": [f"stop --uuid={U1}"],
    "create": [f"start {OPTIONS} --uuid={U2}"],
    "destroy a created device": [f"stop --uuid={U2}"],
    "undefine": [f"undefine --uuid={U1}"],
}

WRAPPER = """#!/bin/sh
# Records its arguments. Text from a pipe is passed on through a pipe.
case " $* " in
    ' list '*) echo "$*" >>/record/lists ;;
    *) echo "$*" >>/record/calls ;;
esac
case " $* " in
    *' --help '*) ;;
    *=/dev/stdin*)
        tee /record/stdin | {mdevctl} "$@"
        exit ;;
esac
exec {mdevctl} "$@"
"""

XML = """<device><name>{name}</name><parent>mtty_mtty</parent>
<capability type='mdev'><type id='mtty-{ports}'/>{uuid}
<parent_addr>mtty</parent_addr>{attributes}
</capability></device>"""


def expect(what, wanted, got):
    if wanted != got:
        raise Failure(f"{what}:\n  wanted {wanted!r}\n  got    {got!r}")


def wait_until(what, condition):
    end = time.monotonic() + LIMIT
    while not (value := condition()):
        if time.monotonic() > end:
            raise Failure(f"{what} did not happen")
        time.sleep(0.05)
    return value


def run(*words, **options):
    done = subprocess.run(
        [str(word) for word in words], check=False, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=10 * LIMIT, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, words))}: {done.stderr}{done.stdout}")
    return done.stdout


def unpacked(cache):
    """Returns libvirt's files. Downloads the missing ones from Debian's
    archive."""
    directory = cache / "root"
    if directory.exists():
        return directory
    cache.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "LC_ALL": "C"}
    known = run("apt-cache", "pkgnames", DRIVER).split()
    wanted = PACKAGES + ((DRIVER,) if DRIVER in known else ())
    plan = run("apt-get", "install", "-s", "--no-install-recommends", *wanted,
               env=environment)
    missing = set(re.findall(r"^Inst (\S+)", plan, re.MULTILINE))
    run("apt-get", "download", *sorted(missing | {"libvirt0", *wanted}),
        cwd=cache, env=environment)
    part = cache / "part"
    for package in sorted(cache.glob("*.deb")):
        run("dpkg-deb", "-x", package, part)
    part.rename(directory)
    return directory


def udev_message(action, device, sequence):
    """Sends the events that udev would send."""
    properties = b"".join(
        f"{name}={value}\0".encode() for name, value in (
            ("ACTION", action), ("DEVPATH", device), ("SUBSYSTEM", "mdev"),
            ("SEQNUM", sequence)))
    header = struct.Struct("=8s8I")
    return header.pack(
        b"libudev\0", socket.htonl(0xfeedcafe), header.size, header.size,
        len(properties), 0, 0, 0, 0) + properties


class Udev:
    """The only sender in this network namespace."""
    PROTOCOL, GROUP = 15, 2  # NETLINK_KOBJECT_UEVENT, udev's own group

    def __init__(self):
        self.socket = socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW, self.PROTOCOL)
        self.sequence = 0

    def tell(self, action, uuid):
        self.sequence += 1
        message = udev_message(
            action, f"/devices/virtual/mtty/mtty/{uuid}", self.sequence)
        self.socket.sendto(message, (0, self.GROUP))


class Root:
    """A root directory for libvirt: the machine's programs, and few other
    files."""

    def __init__(self, given, directory):
        self.path = directory
        self.mdevctl = given.mdevctl
        for name in ("etc/mdevctl.d", "proc", "sys", "dev", "run", "tmp", "usr",
                     "var/log", "var/lib", "var/cache", "record", "libvirt",
                     "wrapper", str(given.build).lstrip("/")):
            (directory / name).mkdir(parents=True, exist_ok=True)
        for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
            there = pathlib.Path("/") / name
            if there.is_symlink():
                (directory / name).symlink_to(os.readlink(there))
            elif there.exists():
                (directory / name).mkdir()
                self.bind(there, name)
        for name in ("passwd", "group", "nsswitch.conf", "ld.so.cache",
                     "ld.so.conf", "ld.so.conf.d", "alternatives"):
            there = pathlib.Path("/etc") / name
            if there.is_dir():
                shutil.copytree(there, directory / "etc" / name, symlinks=True)
            elif there.exists():
                shutil.copy(there, directory / "etc" / name)
        (directory / "var/run").symlink_to("/run")
        self.bind("/usr", "usr")
        self.bind("/dev", "dev")
        self.bind(given.unpacked, "libvirt")
        self.bind(given.build, str(given.build).lstrip("/"))
        run("mount", "-t", "proc", "proc", directory / "proc")
        wrapper = directory / "wrapper/mdevctl"
        wrapper.write_text(WRAPPER.format(mdevctl=given.mdevctl))
        wrapper.chmod(0o755)
        (directory / "etc/libvirtd.conf").write_text(
            'auth_unix_rw = "none"\nauth_unix_ro = "none"\n'
            'unix_sock_group = "root"\nlog_outputs = "2:stderr"\n')
        for name in ("calls", "lists"):
            (directory / "record" / name).touch()

    def bind(self, what, where):
        run("mount", "--rbind", what, self.path / where)

    def environment(self):
        libraries = next((self.path / "libvirt/usr/lib").glob("*/libvirt.so.0"))
        library = pathlib.Path("/") / libraries.parent.relative_to(self.path)
        (self.path / "record/drivers").mkdir(exist_ok=True)
        driver = self.path / "record/drivers/libvirt_driver_nodedev.so"
        if not driver.is_symlink():
            driver.symlink_to(
                library / "libvirt/connection-driver/libvirt_driver_nodedev.so")
        return {"PATH": "/wrapper:/usr/sbin:/usr/bin:/sbin:/bin",
                "LD_LIBRARY_PATH": str(library), "LC_ALL": "C",
                "LIBVIRT_DRIVER_DIR": "/record/drivers",
                "HOME": "/tmp", "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"}

    def chroot(self, *words):
        return ["chroot", str(self.path), *words]

    def virsh(self, *words):
        return run(*self.chroot(
            "/libvirt/usr/bin/virsh", "-c", "nodedev:///system", *words),
            env=self.environment())

    def administrator(self, *words):
        """Runs mdevctl as an administrator. The call is not recorded."""
        return run(*self.chroot(self.mdevctl, *words), env=self.environment())

    def xml(self, ports=1, uuid="", attributes="", name="new"):
        uuid = f"<uuid>{uuid}</uuid>" if uuid else ""
        (self.path / "tmp/device.xml").write_text(XML.format(
            name=name, ports=ports, uuid=uuid, attributes=attributes))
        return "/tmp/device.xml"

    def calls(self):
        """Returns the calls since the last time."""
        record = self.path / "record/calls"
        lines = record.read_text().splitlines()
        record.write_text("")
        return lines

    def stdin(self):
        return json.loads((self.path / "record/stdin").read_text())

    def definition(self, uuid):
        return json.loads((self.path / "etc/mdevctl.d/mtty" / uuid).read_text())

    def is_active(self, uuid):
        return (self.path / "sys/bus/mdev/devices" / uuid).exists()


def node(uuid):
    return f"mdev_{uuid.replace('-', '_')}_mtty"


class Checks:
    """The checks in order. Each begins in the state that the previous one
    left."""

    def __init__(self, root):
        self.root = root
        self.virsh = root.virsh
        self.udev = Udev()
        self.has_update = "nodedev-update" in self.virsh("help", "nodedev")

    def expect_calls(self, action):
        wanted = CALLS[action]
        got = self.root.calls()
        if not self.has_update:
            wanted = [call for call in wanted if call != PROBE]
        expect(f"calls of mdevctl for {action}", wanted, got)

    def names(self, *options):
        return set(self.virsh("nodedev-list", "--cap", "mdev",
                              *options).split())

    def wait_for(self, name, *options):
        wait_until(f"{name} in the list", lambda: name in self.names(*options))

    def parents_are_listed(self):
        names = self.virsh("nodedev-list", "--cap", "mdev_types").split()
        expect("mtty_mtty among the parents", True, "mtty_mtty" in names)

    def parent_has_types(self):
        xml = self.virsh("nodedev-dumpxml", "mtty_mtty")
        for text in ("<type id='mtty-1'>", "<type id='mtty-2'>",
                     "<availableInstances>24</availableInstances>",
                     "<name>Single port serial</name>"):
            expect(f"{text} in the description", True, text in xml)

    def nothing_is_defined(self):
        expect("devices", set(), self.names("--all"))

    def define(self):
        said = self.virsh("nodedev-define", self.root.xml(
            uuid=U1, attributes="<attr name='power/control' value='on'/>"))
        expect("the name", True, node(U1) in said)
        self.expect_calls("define")
        wanted = {"mdev_type": "mtty-1", "start": "manual",
                  "attrs": [{"power/control": "on"}]}
        expect("what libvirt writes", wanted, self.root.stdin())
        expect("the definition", wanted, self.root.definition(U1))
        self.wait_for(node(U1), "--inactive")

    def define_without_uuid(self):
        said = self.virsh("nodedev-define", self.root.xml(ports=2))
        uuid = re.search(r"mdev_([0-9a-f_]{36})_mtty", said)[1]
        self.expect_calls("define without a UUID")
        uuid = uuid.replace("_", "-")
        expect("its type", "mtty-2", self.root.definition(uuid)["mdev_type"])
        self.root.administrator("undefine", "--uuid", uuid)
        wait_until("its removal from the list",
                   lambda: node(uuid) not in self.names("--all"))

    def describe(self):
        xml = self.virsh("nodedev-dumpxml", node(U1))
        for text in (f"<uuid>{U1}</uuid>", "<type id='mtty-1'/>",
                     "<attr name='power/control' value='on'/>",
                     "<parent_addr>mtty</parent_addr>"):
            expect(f"{text} in the description", True, text in xml)

    def autostart(self):
        for options, word, info in (
                ((), "auto", "yes"), (("--disable",), "manual", "no")):
            self.virsh("nodedev-autostart", node(U1), *options)
            self.expect_calls(" ".join(("autostart", *options)))
            expect("start", word, self.root.definition(U1)["start"])
            wait_until(f"autostart: {info}", lambda info=info: re.search(
                rf"Autostart: +{info}", self.virsh("nodedev-info", node(U1))))

    def update(self):
        if not self.has_update:
            raise tap.Skip("this libvirt is too old")
        self.virsh("nodedev-update", node(U1), self.root.xml(
            uuid=U1, name=node(U1),
            attributes="<attr name='power/control' value='auto'/>"),
            "--config")
        self.expect_calls("update --config")
        expect("the attributes", [{"power/control": "auto"}],
               self.root.definition(U1)["attrs"])

    def administrators_definition(self):
        self.root.administrator(
            "define", "--uuid", U3, "-p", "mtty", "-t", "mtty-2", "--auto")
        self.wait_for(node(U3), "--inactive")

    def broken_definition(self):
        """A broken definition does not hide the others from libvirt."""
        broken = self.root.path / "etc/mdevctl.d/mtty" / BROKEN
        broken.write_text("{")
        self.root.administrator("undefine", "--uuid", U3)
        wait_until("the removal of another device",
                   lambda: node(U3) not in self.names("--all"))
        self.wait_for(node(U1), "--inactive")
        broken.unlink()

    def not_ascii(self):
        self.root.administrator(
            "define", "--uuid", U3, "-p", "mtty", "-t", "mtty-2")
        self.root.administrator(
            "modify", "--uuid", U3, "--addattr", "x", "--value", "é€😀")
        self.wait_for(node(U3), "--inactive")
        wait_until("its attribute", lambda: "é€😀" in self.virsh(
            "nodedev-dumpxml", node(U3)))
        self.root.administrator("undefine", "--uuid", U3)

    def start(self):
        self.virsh("nodedev-start", node(U1))
        self.expect_calls("start")
        expect("the device exists", True, self.root.is_active(U1))
        self.udev.tell("add", U1)
        self.wait_for(node(U1))

    def start_again_fails(self):
        try:
            self.virsh("nodedev-start", node(U1))
        except Failure:
            return
        raise Failure("an active device was started again")

    def destroy(self):
        self.virsh("nodedev-destroy", node(U1))
        self.expect_calls("destroy")
        expect("the device exists", False, self.root.is_active(U1))
        self.udev.tell("remove", U1)
        self.wait_for(node(U1), "--inactive")

    def create(self):
        """The command waits until udev reports the device."""
        words = self.root.chroot(
            "/libvirt/usr/bin/virsh", "-c", "nodedev:///system",
            "nodedev-create", self.root.xml(ports=2, uuid=U2))
        with subprocess.Popen(
                words, env=self.root.environment(), text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT) as process:
            wait_until("the device", lambda: self.root.is_active(U2) or
                       process.poll() is not None)
            self.udev.tell("add", U2)
            said = process.communicate(timeout=LIMIT)[0]
        expect(f"the status, with the output {said}", 0, process.returncode)
        self.expect_calls("create")
        expect("a definition", False,
               (self.root.path / "etc/mdevctl.d/mtty" / U2).exists())
        self.wait_for(node(U2))
        self.virsh("nodedev-destroy", node(U2))
        self.expect_calls("destroy a created device")
        self.udev.tell("remove", U2)

    def error_is_shown(self):
        """The message of mdevctl is shown to the user."""
        self.virsh("nodedev-start", node(U1))
        self.root.calls()
        self.root.administrator("stop", "--uuid", U1)
        (self.root.path / "sys/.mdevsim/control").write_text(
            "fault *create:*:EIO")
        try:
            self.virsh("nodedev-start", node(U1))
        except Failure as failure:
            expect("the reason", True, "Input/output error" in str(failure))
        else:
            raise Failure("a start that failed was reported as success")
        finally:
            (self.root.path / "sys/.mdevsim/control").write_text(
                "clear-faults")
            self.root.calls()

    def undefine(self):
        self.virsh("nodedev-undefine", node(U1))
        self.expect_calls("undefine")
        expect("its file exists", False,
               (self.root.path / "etc/mdevctl.d/mtty" / U1).exists())
        wait_until("its removal from the list",
                   lambda: node(U1) not in self.names("--all"))

    def no_other_lists_are_called(self):
        lists = set((self.root.path / "record/lists").read_text().splitlines())
        expect("calls for lists that are not in the table", set(),
               lists - LISTS)
        expect("definitions are listed", True,
               "list --dumpjson --defined" in lists)

    def all(self):
        return (self.parents_are_listed, self.parent_has_types,
                self.nothing_is_defined, self.define, self.define_without_uuid,
                self.describe, self.autostart, self.update,
                self.administrators_definition, self.broken_definition,
                self.not_ascii, self.start, self.start_again_fails,
                self.destroy, self.create, self.error_is_shown, self.undefine,
                self.no_other_lists_are_called)


class Started:
    """A program that is active during the block."""

    def __init__(self, words, log, environment=None):
        with open(log, "wb") as file:
            self.process = subprocess.Popen(
                list(map(str, words)), env=environment,
                stdin=subprocess.DEVNULL, stdout=file, stderr=file)

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def check_all(root, log):
    def answers():
        try:
            return root.virsh("uri")
        except Failure:
            return None
    wait_until("libvirtd", answers)
    tap.comment(f"libvirt {root.virsh('--version')}")
    failed = tap.run([(tap.title_of(check), check)
                      for check in Checks(root).all()])
    if failed:
        print(log.read_text(errors="replace")[-4000:], file=sys.stderr)
    return failed


def inside(given):
    """Runs in namespaces of its own, so that all mounts are removed at the
    end."""
    run("mount", "--make-rprivate", "/")
    directory = pathlib.Path(given.inside)
    root = Root(given, directory / "root")
    simulated = Started([given.mdevsim, root.path / "sys", "--parent",
                         "mtty=mtty"], directory / "mdevsim.log")
    log = directory / "libvirtd.log"
    with simulated:
        wait_until("mdevsim", (root.path / "sys/class/mdev_bus").exists)
        with Started(root.chroot("/libvirt/usr/sbin/libvirtd", "-f",
                                 "/etc/libvirtd.conf", "-p", "/run/pid"),
                     log, root.environment()):
            try:
                return check_all(root, log)
            except Failure as failure:
                print(log.read_text(errors="replace"), file=sys.stderr)
                return tap.bail_out(failure)


def outside(given):
    if os.geteuid() != 0:
        tap.skip_all("it needs root")
    tap.skip_all_without_fuse()
    try:
        given.unpacked = unpacked(given.cache)
    except (Failure, OSError) as failure:
        reason = str(failure).splitlines()[0]
        tap.skip_all(f"no packages of libvirt: {reason}")
    with tempfile.TemporaryDirectory(prefix="mdevctl-libvirt-") as name:
        return subprocess.run(
            ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
             sys.executable, __file__, "--build-dir", given.build,
             "--cache", given.cache, "--inside", name], check=False).returncode


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build-dir", dest="build", required=True,
                        type=pathlib.Path)
    parser.add_argument("--cache", type=pathlib.Path,
                        default=pathlib.Path("~/.cache/mdevctl-libvirt"))
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.build = given.build.resolve()
    given.cache = given.cache.expanduser().resolve()
    given.mdevctl = given.build / "mdevctl/mdevctl"
    given.mdevsim = given.build / "tests/kernel/mdevsim/mdevsim"
    given.unpacked = given.cache / "root"
    return inside(given) if given.inside else outside(given)


sys.exit(main())
