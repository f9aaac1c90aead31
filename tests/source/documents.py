# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the documents name is there: each `path` of the repository. Prints
TAP."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ("doc/RELIABILITY.md", "doc/SECURITY.md")
# A path that begins with a directory of ours, with what may follow it.
PATH = re.compile(r"`(?:sh |python3 )?((?:tests|libmdev|mdevctl|data|doc|"
                  r"bindings)/[\w./-]+)[^`]*`")
CASE = re.compile(r"case `([\w-]+)`")


def missing(document):
    text = (TOP / document).read_text()
    paths = PATH.findall(text)
    if not paths:
        return ["it names nothing"]
    wanted = paths + [f"tests/golden/{case}/cmd" for case in CASE.findall(text)]
    return [path for path in wanted if not (TOP / path).exists()]


def main():
    failures = 0
    print(f"1..{len(DOCUMENTS)}")
    for number, document in enumerate(DOCUMENTS, 1):
        lost = missing(document)
        failures += bool(lost)
        print(f"{'not ' if lost else ''}ok {number} - {document}")
        for path in lost:
            print(f"{document}: there is no {path}", file=sys.stderr)
    return failures != 0


sys.exit(main())
