# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes the requests of libvirt to the guide's node device back end, and to
mdevctl on another system. Stores, devices and lists must be equal after each
request. Prints TAP.

nodedev.py --nodedev PROGRAM --mdevctl PROGRAM --mdevsim PROGRAM
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import simulated  # noqa: E402
import tap  # noqa: E402

U1 = "d069d019-36ea-4111-8f0a-8c9a70e21366"
U2 = "d2441d39-495e-4243-ad9f-beb3f14c23d9"
PCI = "0000:00:02.0"
# A script with live changes, like the script of s390-tools.
LIVE = """#!/bin/sh
[ "$2" = vfio_ap-passthrough ] || exit 2
case $4-$6 in
    get-capabilities) echo '{"supports":{"version":2,"actions":["modify",
        "attributes"],"events":["live","get"]}}' ;;
    get-attributes) cat "$(dirname "$0")/../../../../now" 2>/dev/null ;;
    live-modify) sed 's/.*"attrs"://;s/}$//' \
        >"$(dirname "$0")/../../../../now" ;;
esac
exit 0
"""
# The requests of libvirt's tests (nodedevmdevctldata) and of its driver, in the
# format of the back end, and as mdevctl's arguments and JSON.
VECTORS = [
    (f"define {PCI} i915-GVTg_V5_8 uuid={U1}",
     ["define", f"--parent={PCI}", "--jsonfile=/dev/stdin", f"--uuid={U1}"],
     '{"mdev_type":"i915-GVTg_V5_8","start":"manual"}'),
    (f"define matrix vfio_ap-passthrough uuid={U2} assign_adapter=5 "
     "assign_adapter=6 assign_domain=0xab",
     ["define", "--parent=matrix", "--jsonfile=/dev/stdin", f"--uuid={U2}"],
     '{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":['
     '{"assign_adapter":"5"},{"assign_adapter":"6"},'
     '{"assign_domain":"0xab"}]}'),
    (f"start {U1}", ["start", f"--uuid={U1}"], None),
    (f"start {U1}", ["start", f"--uuid={U1}"], None),
    (f"autostart {U1} on", ["modify", "--uuid", U1, "--auto"], None),
    (f"autostart {U1} off", ["modify", "--uuid", U1, "--manual"], None),
    (f"update {U1} config i915-GVTg_V5_4 a1=v1 a1=v2",
     ["modify", f"--parent={PCI}", "--jsonfile=/dev/stdin", f"--uuid={U1}",
      "--defined"],
     '{"mdev_type":"i915-GVTg_V5_4","start":"manual","attrs":[{"a1":"v1"},'
     '{"a1":"v2"}]}'),
    (f"define {PCI} i915-GVTg_V5_8 uuid={U1}",
     ["modify", f"--parent={PCI}", "--jsonfile=/dev/stdin", f"--uuid={U1}",
      "--defined"], '{"mdev_type":"i915-GVTg_V5_8","start":"manual"}'),
    (f"destroy {U1}", ["stop", f"--uuid={U1}"], None),
    (f"destroy {U1}", ["stop", f"--uuid={U1}"], None),
    (f"start {U2}", ["start", f"--uuid={U2}"], None),
    (f"update {U2} live vfio_ap-passthrough assign_adapter=7",
     ["modify", "--parent=matrix", "--jsonfile=/dev/stdin", f"--uuid={U2}",
      "--live"],
     '{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":['
     '{"assign_adapter":"7"}]}'),
    (f"update {U2} both vfio_ap-passthrough assign_adapter=8",
     ["modify", "--parent=matrix", "--jsonfile=/dev/stdin", f"--uuid={U2}",
      "--defined", "--live"],
     '{"mdev_type":"vfio_ap-passthrough","start":"manual","attrs":['
     '{"assign_adapter":"8"}]}'),
    (f"update {U1} live i915-GVTg_V5_8 a=1",
     ["modify", f"--parent={PCI}", "--jsonfile=/dev/stdin", f"--uuid={U1}",
      "--live"], '{"mdev_type":"i915-GVTg_V5_8","start":"manual"}'),
    (f"destroy {U2}", ["stop", f"--uuid={U2}"], None),
    (f"create {PCI} i915-GVTg_V5_8 uuid={U1}",
     ["start", f"--parent={PCI}", "--jsonfile=/dev/stdin", f"--uuid={U1}"],
     '{"mdev_type":"i915-GVTg_V5_8","start":"manual"}'),
    (f"create {PCI} i915-GVTg_V5_9",
     ["start", f"--parent={PCI}", "--jsonfile=/dev/stdin"],
     '{"mdev_type":"i915-GVTg_V5_9","start":"manual"}'),
    (f"undefine {U1}", ["undefine", f"--uuid={U1}"], None),
    (f"undefine {U1}", ["undefine", f"--uuid={U1}"], None),
    (f"undefine {U2}", ["undefine", f"--uuid={U2}"], None),
]


class System:
    """A simulated kernel and a store."""

    def __init__(self, given, directory):
        self.given = given
        self.root = pathlib.Path(directory)
        (self.root / "sys").mkdir(parents=True)
        script = self.root / "etc/mdevctl.d/scripts.d/callouts/ap"
        script.parent.mkdir(parents=True)
        script.write_text(LIVE)
        script.chmod(0o755)
        self.kernel = simulated.kernel(
            given.mdevsim, self.root / "sys", f"--parent={PCI}=i915",
            "--parent=matrix=vfio_ap")

    def mdevctl(self, words, text=None):
        return subprocess.run(
            [self.given.mdevctl, *words], input=text or "", text=True,
            capture_output=True, check=False, timeout=60,
            env=dict(os.environ, MDEVCTL_ENV_ROOT=str(self.root)))

    def state(self):
        """Returns the devices, with the text of each definition."""
        store = self.root / "etc/mdevctl.d"
        files = {str(path.relative_to(store)): path.read_text()
                 for path in sorted(store.glob("*/*-*")) if path.is_file()}
        lists = [self.mdevctl(["list", "--dumpjson", *words]).stdout
                 for words in ([], ["--defined"])]
        return files, lists

    def end(self):
        self.kernel.terminate()
        self.kernel.wait(60)


class Backend:
    """The example, whose answers are read one by one."""

    def __init__(self, given, root):
        self.process = subprocess.Popen(
            [given.nodedev, root], text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def end(self):
        self.process.stdin.close()
        self.process.wait(60)


def same_result(backend, systems, vector):
    request, words, text = vector
    answer = backend.ask(request)
    done = systems[1].mdevctl(words, text)
    tap.expect(answer.startswith("failed: ") == (done.returncode != 0),
               f"the answer is {answer!r}, mdevctl's {done.stderr!r}")
    ours, theirs = (system.state() for system in systems)
    tap.expect(ours == theirs,
               f"{json.dumps(ours, indent=1)}\ndiffers from mdevctl:\n"
               f"{json.dumps(theirs, indent=1)}")


def keeps_start_mode(backend, system):
    backend.ask(f"define {PCI} i915-GVTg_V5_8 uuid={U1}")
    backend.ask(f"autostart {U1} on")
    backend.ask(f"update {U1} config i915-GVTg_V5_4 a=1")
    line = backend.ask("list")
    tap.expect(line.endswith("persistent autostart\n"),
               f"the list has {line!r}")
    tap.expect('"auto"' in system.state()[0][f"{PCI}/{U1}"],
               "the start mode is lost")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("nodedev", "mdevctl", "mdevsim"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        systems = [System(given, pathlib.Path(directory) / name)
                   for name in ("a", "b")]
        backend = Backend(given, systems[0].root)
        try:
            checks = [
                (vector[0], lambda vector=vector: same_result(
                    backend, systems, vector)) for vector in VECTORS]
            checks.append(("an update keeps the start mode",
                           lambda: keeps_start_mode(backend, systems[0])))
            return tap.run(checks)
        finally:
            backend.end()
            for system in systems:
                system.end()


sys.exit(main())
