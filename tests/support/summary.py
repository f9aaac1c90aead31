# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the failures in meson build directories and each result of TAP files,
and the totals at the end."""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree


def meson_results(build):
    """Yields (name, result) of the last `meson test` in a build directory."""
    log = build / "meson-logs" / "testlog.junit.xml"
    failed = set()
    for case in xml.etree.ElementTree.parse(log).getroot().iter("testcase"):
        name = f"{build.name}: {case.get('classname')} {case.get('name')}"
        if case.find("skipped") is not None:
            yield name, "skipped"
        elif case.find("failure") is None and case.find("error") is None:
            yield name, "passed"
        else:
            failed |= {case.get("classname").partition(".")[2],
                       case.get("name")}
            yield name, "failed"
    # A program may fail although all its checks have passed.
    for line in log.with_name("testlog.json").read_text().splitlines():
        test = json.loads(line)
        if test["result"] not in ("OK", "SKIP") and test["name"] not in failed:
            yield f"{build.name}: {test['name']}: {test['result']}", "failed"


def tap_results(file):
    """Yields (name, result) of each line of a TAP file."""
    for line in file.read_text(errors="replace").splitlines():
        match = re.match(r"(not )?ok\b(?: \d+)?(?: - )?(.*)", line)
        if match:
            skipped = re.search(r"# *skip", line, re.IGNORECASE)
            outcome = "failed" if match[1] else "passed"
            yield (f"{file.stem}: {match[2]}",
                   "skipped" if skipped else outcome)
        elif re.match(r"1\.\.0\b", line):
            yield f"{file.stem}: {line}", "skipped"
        elif line.startswith("Bail out!"):
            yield f"{file.stem}: {line}", "failed"


def main():
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for source in map(pathlib.Path, sys.argv[1:]):
        read = meson_results if source.is_dir() else tap_results
        # A script that ends before its first result fails.
        results = list(read(source)) or [(f"{source}: no results", "failed")]
        for name, outcome in results:
            totals[outcome] += 1
            if outcome != "passed" or not source.is_dir():
                print(outcome.upper(), name)
    tail = f", {totals['skipped']} skipped" if totals["skipped"] else ""
    print(f"{totals['passed']} passed, {totals['failed']} failed{tail}")
    return totals["failed"] != 0


sys.exit(main())
