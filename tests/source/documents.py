# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the documents name is there: each `path` of the repository. Prints
TAP."""
import functools
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tap  # noqa: E402

TOP = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ("doc/RELIABILITY.md", "doc/SECURITY.md")
# A path that begins with a directory of ours, with what may follow it.
PATH = re.compile(r"`(?:sh |python3 )?((?:tests|libmdev|mdevctl|data|doc|"
                  r"bindings)/[\w./-]+)[^`]*`")
CASE = re.compile(r"case `([\w-]+)`")


def names_what_is_there(document):
    text = (TOP / document).read_text()
    paths = PATH.findall(text)
    tap.expect(paths, "it names nothing")
    wanted = paths + [f"tests/golden/{case}/cmd" for case in CASE.findall(text)]
    missing = [path for path in wanted if not (TOP / path).exists()]
    tap.expect(not missing, f"there is no {', no '.join(missing)}")


sys.exit(tap.run([
    (document, functools.partial(names_what_is_there, document))
    for document in DOCUMENTS]))
