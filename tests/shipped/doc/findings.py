# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each finding of the library has its section in the manual, and no other has
one. Prints TAP."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[3]
MANUAL = TOP / "doc/mdevctl-doctor.7.rst"
SOURCES = sorted((TOP / "libmdev/src/report").glob("diagnosis*.cpp"))


def main():
    said = {found for path in SOURCES for found in re.findall(
        r'"([a-z]+(?:-[a-z]+)*)",\s*Severity::', path.read_text())}
    described = set(re.findall(r"^([a-z-]+)\n    (?:Warning|Error)\.",
                               MANUAL.read_text(), re.M))
    print("1..1")
    passed = said and said == described
    print(f"{'ok' if passed else 'not ok'} 1 - {len(said)} findings are in the "
          "manual")
    for name in sorted(said ^ described):
        print(f"# {name} is only in the "
              f"{'library' if name in said else 'manual'}")
    return not passed


if __name__ == "__main__":
    sys.exit(main())
