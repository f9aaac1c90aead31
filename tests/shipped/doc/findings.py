# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the manual has a section for each finding of the library, and no
other section. Prints TAP."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[3]
MANUAL = TOP / "doc/mdevctl-doctor.7.rst"
SOURCES = sorted((TOP / "libmdev/src/report").glob("doctor*.cpp"))


def each_is_described():
    said = {found for path in SOURCES for found in re.findall(
        r'"([a-z]+(?:-[a-z]+)*)",\s*Severity::', path.read_text())}
    described = set(re.findall(r"^([a-z-]+)\n    (?:Warning|Error)\.",
                               MANUAL.read_text(), re.M))
    tap.expect(said, "the library has no findings")
    tap.expect(said == described, "\n".join(
        f"{name} is only in the {'library' if name in said else 'manual'}"
        for name in sorted(said ^ described)))


sys.exit(tap.run([("each finding is in the manual", each_is_described)]))
