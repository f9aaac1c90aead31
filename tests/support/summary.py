# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names what failed in a meson test run and ends with the totals."""
import pathlib
import sys
import xml.etree.ElementTree


def main():
    log = pathlib.Path(sys.argv[1]) / "meson-logs" / "testlog.junit.xml"
    passed = failed = skipped = 0
    for case in xml.etree.ElementTree.parse(log).getroot().iter("testcase"):
        if case.find("skipped") is not None:
            skipped += 1
        elif case.find("failure") is None and case.find("error") is None:
            passed += 1
        else:
            failed += 1
            print("FAILED:", case.get("classname"), case.get("name"))
    tail = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{tail}")
    return failed != 0


sys.exit(main())
