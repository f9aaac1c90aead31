#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the built mdevctl on real kernels, in virtual machines, with the
kernel's sample drivers. Prints TAP.

A case is a shell script in cases/. A case may have these comments:
  # guest: systemd     needs a system with systemd instead of the small one
  # guest: libvirt     needs libvirt: 9.0 with the kernel 6.1, and a newer
                       version with 6.12
  # kernels: 6.1       runs on this kernel only
  # hardware: sr-iov   needs a PCI device with virtual functions
  # short              is part of the short pass
Cases of the same kernel, guest and hardware share a boot. Downloads and builds
are kept in $MDEVCTL_VM_CACHE, or in vm/ of the build directory."""
import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import sys
import tempfile
import time

import compare
from build import Images, default_directory
from images import packages
from images.kernel import SERIES
from machine import HERE, Machine, Payload

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

# The seconds that a boot, and then each case, may take. A busy machine is many
# times slower than an idle one, on which a boot takes 4 or 20 seconds and most
# cases less.
BOOT_LIMIT = {"small": 240, "systemd": 900, "libvirt": 900}
CASE_LIMIT = {"small": 180, "systemd": 180, "libvirt": 400}


class Case:
    """A script, and the properties in its comments."""

    def __init__(self, file):
        text = file.read_text()
        self.name = file.stem
        self.guest = _comment(text, "guest", "small")
        self.hardware = _comment(text, "hardware", "")
        self.kernels = _comment(text, "kernels", " ".join(SERIES)).split()
        self.is_short = "\n# short\n" in text


def _comment(text, name, default):
    found = re.search(rf"^# {name}: (.*)$", text, re.MULTILINE)
    return found[1] if found else default


class Result:
    """The result of a case."""

    def __init__(self, name):
        self.name = name
        self.points = []  # of TAP: "ok - FACT", with details behind it
        self.listing = []  # for compare.py
        self.output = []
        self.status = None
        self.seconds = 0
        self.skipped = ""  # or the reason

    @property
    def passed(self):
        return self.status == 0 and bool(self.points) and not any(
            point.startswith("not ok") for point in self.points)

    def take(self, line):
        """Reads a line of the guest about the case."""
        if line.startswith(("ok ", "not ok ", "# ")):
            self.points.append(line)
        elif line.startswith("= "):
            self.listing.append(line[2:])
        elif line.startswith("| "):
            self.output.append(line[2:])
        elif line.startswith("end "):
            self.status = int(line[len("end "):])

    def add(self, fact, differences):
        self.points.append(f"{'not ' if differences else ''}ok - {fact}")
        self.points += [f"# {line}" for line in differences]

    def tell(self, report):
        """Reports the points of the case as a subtest, and one result for the
        case."""
        tap.comment(f"Subtest: {self.name}")
        count = 0
        for point in self.points:
            is_detail = point.startswith("# ")
            count += not is_detail
            tap.say("    " + (point if is_detail else
                              point.replace("ok -", f"ok {count} -", 1)))
        tap.say(f"    1..{count}")
        tap.say(f"    # {self.seconds:.0f} s")
        failed = not self.passed and not self.skipped
        report.result(
            self.name, "\n".join(self.output) or "failed" if failed else "",
            self.skipped)


class Boot:
    """One boot of a machine, for the cases that share a kernel and a guest."""

    def __init__(self, series, guest, hardware, cases):
        self.series = series
        self.guest = guest
        self.hardware = hardware
        self.cases = cases
        self.names = [f"{series} {case.name}" for case in cases]

    def results(self, images, payload, directory):
        machine = self._machine(images, payload, directory)
        results = []
        limit = BOOT_LIMIT[self.guest] + \
            CASE_LIMIT[self.guest] * len(self.cases)
        for line in machine.run([case.name for case in self.cases], limit):
            if line.startswith("case "):
                results.append(Result(f"{self.series} {line[5:]}"))
                begin = time.monotonic()
            elif results:
                results[-1].take(line)
                results[-1].seconds = time.monotonic() - begin
        self._complete(results, machine)
        return results

    def _machine(self, images, payload, directory):
        disk = images.disk(self.guest, self.series)
        return Machine(images.kernel(self.series), images.small_guest(),
                       payload, directory, disk, self.hardware)

    def _complete(self, results, machine):
        """Adds results for cases that did not begin or end because the guest
        died."""
        has_booted = bool(results)
        results += [Result(name) for name in self.names[len(results):]]
        for result in results:
            if result.status is not None:
                continue
            result.output = [_end_of(machine), *machine.tail()]
            if machine.timed_out and not has_booted:
                result.skipped = "this machine is too slow, or too busy: " \
                    f"the guest did not boot within {machine.limit} s"


def _end_of(machine):
    return "The time is up." if machine.timed_out else "The guest has died."


def boots(cases, is_short):
    """Returns the machines that the cases need."""
    shared = {}
    for case in cases:
        if is_short and not case.is_short:
            continue
        for series in case.kernels[:1] if is_short else case.kernels:
            shared.setdefault(
                (series, case.guest, case.hardware), []).append(case)
    # The longest boots come first, so that the others run beside them.
    return [Boot(*key, shared[key]) for key in sorted(
        shared, key=lambda key: (key[1] == "small", key))]


def make(images, needed, is_short):
    """Makes the parts before the tests start, because downloads and compilers
    need the whole machine. In the short pass a part that cannot be made skips
    the tests; otherwise it is an error."""
    try:
        for boot in needed:
            images.kernel(boot.series)
            images.small_guest()
            images.disk(boot.guest, boot.series)
    except RuntimeError as error:
        if is_short:
            raise packages.Unavailable(str(error)) from error
        raise


def all_results(arguments, cases, scratch):
    """Yields lists of results."""
    images = Images(arguments.cache)
    programs = images.programs()
    payload = Payload(arguments.build_dir, programs, scratch / "payload")
    needed = boots(cases, arguments.short)
    make(images, needed, arguments.short)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        futures = []
        for number, boot in enumerate(needed):
            directory = scratch / f"boot-{number}"
            directory.mkdir()
            futures.append(pool.submit(boot.results, images, payload,
                                       directory))
        for future in futures:
            results = future.result()
            for result in results:
                if result.listing:
                    add_comparisons(result, arguments, programs)
            yield results


def add_comparisons(result, arguments, programs):
    if arguments.record:
        compare.record(result.listing)
    mdevsim = arguments.build_dir / "tests/kernel/mdevsim/mdevsim"
    simulated = compare.simulated(mdevsim, programs / "operations")
    for comparison in (
            compare.compare("mdevsim", result.listing, simulated),
            compare.compare("what was recorded", result.listing,
                            compare.recorded())):
        for fact, differences in comparison:
            result.add(fact, differences)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build-dir", type=pathlib.Path, required=True,
                        help="a build directory of meson that is up to date")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--short", action="store_true",
                       help="a short pass, on one kernel")
    which.add_argument("--full", action="store_true",
                       help="every case on every kernel, the default")
    parser.add_argument("--record", action="store_true",
                        help="keep what the kernel answers in "
                        f"{compare.RECORDED.name}")
    parser.add_argument("--cache", help="instead of $MDEVCTL_VM_CACHE")
    parser.add_argument("--jobs", type=int, metavar="N",
                        default=min(2, os.cpu_count() or 1),
                        help="machines at the same time")
    parser.add_argument("cases", nargs="*", metavar="CASE", default=["*"],
                        help="the cases to run, also as patterns; all "
                        "by default")
    arguments = parser.parse_args()
    arguments.build_dir = arguments.build_dir.resolve()
    arguments.cache = arguments.cache or default_directory(arguments.build_dir)
    return arguments


def main():
    arguments = parse_arguments()
    cases = [Case(file) for file in sorted((HERE / "cases").glob("*.sh"))]
    for wanted in arguments.cases:
        if not fnmatch.filter([case.name for case in cases], wanted):
            sys.exit(f"there is no case {wanted}")
    cases = [case for case in cases if any(
        fnmatch.fnmatchcase(case.name, wanted) for wanted in arguments.cases)]
    begin = time.monotonic()
    skipped = 0
    report = tap.Report()
    tap.say("TAP version 14")
    try:
        with tempfile.TemporaryDirectory(prefix="mdevctl-vm-") as scratch:
            for results in all_results(arguments, cases,
                                       pathlib.Path(scratch)):
                for result in results:
                    result.tell(report)
                    skipped += bool(result.skipped)
    except packages.Unavailable as error:
        tap.skip_all(f"no virtual machines: {error}")
    tap.comment(f"{report.count - report.failed - skipped} of {report.count} "
                f"passed in {time.monotonic() - begin:.0f} s")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
