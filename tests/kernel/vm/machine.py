# SPDX-License-Identifier: LGPL-2.1-or-later
"""A virtual machine: its contents and its life."""
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from images import packages
from images.kernel import PCI_SLOT

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import installed  # noqa: E402

HERE = Path(__file__).resolve().parent
# The fastest emulation, without devices that the tests do not need. The tests
# use the second serial port, and the kernel uses the first.
ARGUMENTS = f"""
-accel tcg -cpu max -machine q35 -smp 2 -nodefaults -no-user-config
-display none -monitor none -net none
-device pci-testdev,addr={PCI_SLOT:#x}
""".split()
# A GPU for our own driver: a device with virtual functions behind a port, and
# an IOMMU, so that the functions can be opened through vfio.
HARDWARE = {
    "": [],
    "sr-iov": """
-device intel-iommu
-device pcie-root-port,id=gpu-port,chassis=1,slot=1
-device nvme-subsys,id=gpus
-device nvme,bus=gpu-port,serial=gpu,subsys=gpus,sriov_max_vfs=4,\
sriov_vq_flexible=8,sriov_vi_flexible=4
""".split(),
}
# The kernel measures the speed of the processor's counter. On a busy host, the
# kernel finds a clock that is many times too fast, and all time limits in the
# guest pass at once. The HPET is always correct.
KERNEL_ARGUMENTS = """
console=ttyS0 panic=-1 clocksource=hpet tsc=unstable no_timer_check
mitigations=off audit=0
intel_iommu=on loglevel=7 systemd.show_status=0 systemd.getty_auto=0
"""
UNWANTED = ("include", "share")


class Payload:
    """Makes the tree that is added to a guest: the files that the build
    directory installs, and the tests."""

    def __init__(self, build, programs, directory):
        self.directory = directory
        self.program = installed.program_path(build)
        self._install(build)
        self._add_libraries()
        self._add_tests(programs)
        self._add_rules()

    def _install(self, build):
        tree = self.directory / "payload"
        installed.install(build, tree, "--strip")
        for prefix in (tree / "usr", tree / "usr/local"):
            for name in UNWANTED:
                shutil.rmtree(prefix / name, ignore_errors=True)
        # A guest's memory is its disk.
        for library in tree.rglob("*.a"):
            library.unlink()

    def _add_libraries(self):
        tree = self.directory / "payload"
        own = {file.parent for file in tree.rglob("*.so*")}
        target = self.directory / "payload-libraries"
        for library in packages.libraries(
                tree / self.program.relative_to("/"), *own):
            if tree not in library.parents:
                packages.copy(library, target)

    def _add_tests(self, programs):
        tests = self.directory / "vm"
        shutil.copytree(HERE / "cases", tests / "cases")
        shutil.copytree(HERE.parents[1] / "golden", tests / "golden")
        for name in ("guest/agent", "guest/clean", "guest/lib.sh",
                     "guest/libvirt.sh", "operations"):
            packages.copy(HERE / name, tests)
        for program in programs.iterdir():
            packages.copy(program, tests / "bin")
        packages.copy(HERE / "guest/init", self.directory)
        for script in (tests / "agent", self.directory / "init"):
            script.chmod(0o755)

    def _add_rules(self):
        """Returns the udev rules for hosts without systemd, whatever was
        configured."""
        name = "60-mdevctl-without-systemd.rules"
        text = (HERE.parents[2] / f"data/{name}.in").read_text()
        (self.directory / "vm" / name).write_text(
            text.replace("@MDEVCTL@", str(self.program)))


class Machine:
    """Runs cases in a guest. `disk` is the image of a guest with systemd,
    which is not changed; without it, the guest is in memory."""

    def __init__(self, kernel, base, payload, directory, disk=None,
                 hardware=""):
        self.kernel = kernel
        self.directory = directory
        self.disk = disk
        self.hardware = hardware
        self.console = directory / "console"
        self.timed_out = False
        self.limit = 0
        self._base = base
        self._payload = payload

    def run(self, cases, limit):
        """Yields the lines of the guest until it has ended."""
        self.limit = limit
        self._make_initial_root(cases)
        with subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, errors="replace",
                stderr=open(self.directory / "qemu", "w")) as process:
            watch = threading.Timer(limit, self._give_up, [process])
            watch.start()
            try:
                for line in process.stdout:
                    yield line.rstrip("\r\n")
            finally:
                watch.cancel()
                process.kill()

    def tail(self, lines=30):
        """Returns the end of the kernel's log, and the messages of qemu."""
        text = (self.directory / "qemu").read_text(errors="replace") + \
            self.console.read_text(errors="replace")
        return text.replace("\r", "").splitlines()[-lines:]

    def _give_up(self, process):
        self.timed_out = True
        process.kill()

    def _make_initial_root(self, cases):
        """Joins archives; the kernel unpacks one over the other."""
        plan = self.directory / "plan"
        (plan / "vm").mkdir(parents=True)
        (plan / "vm/plan").write_text("".join(f"{case}\n" for case in cases))
        if self.disk:
            (plan / "vm/on-disk").touch()
        with open(self.directory / "initrd", "wb") as output:
            output.write(self._base.read_bytes())
            for number, tree in enumerate((self.kernel.modules,
                                           self._payload.directory, plan)):
                archive = self.directory / f"part-{number}"
                packages.archive(tree, archive)
                output.write(archive.read_bytes())
                archive.unlink()

    def _command(self):
        words = ["qemu-system-x86_64", *ARGUMENTS, *HARDWARE[self.hardware],
                 "-serial", f"file:{self.console}", "-serial", "stdio",
                 "-kernel", self.kernel.image,
                 "-initrd", self.directory / "initrd",
                 "-append", " ".join(KERNEL_ARGUMENTS.split())]
        if self.disk:
            words += ["-m", "768", "-drive",
                      f"file={self.disk},if=virtio,format=raw,snapshot=on"]
        else:
            words += ["-m", "512", "-no-reboot"]
        if os.nice(0) < 5:
            words = ["nice", "-n", "5", *words]
        return list(map(str, words))
