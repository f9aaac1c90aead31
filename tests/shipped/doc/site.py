# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the documentation: README and the guide quote the examples, the links
of all documents have targets, and doxygen, which reports missing comments, has
no warnings. Prints TAP.

site.py --source DIRECTORY --version VERSION [--doxygen PROGRAM]
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402
from tap import Failure  # noqa: E402

QUOTE = re.compile(r"^( *)```(?:cpp|c|python)\n(.*?)^\1```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([\w-]+))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)
EXAMPLES = ("*.c", "*.cpp", "*.py")
# Mistakes that doxygen must find: where to put them, and the text.
PLANTS = [
    ("a public function without a comment", "mdev/uuid.hpp",
     "    bool is_nil() const noexcept;\n\nprivate:"),
    ("an enumerator without a comment", "mdev/uuid.hpp",
     "    /// Sides.\n    enum Side { left, right };\n\nprivate:"),
    ("a reference without a target", "mdev/uuid.hpp",
     "    /// See \\ref nowhere.\n    bool is_nil() const;\n\nprivate:"),
]


def squeezed(text):
    """Returns the lines of a text without indentation and line breaks."""
    return textwrap.dedent(text).strip("\n").split("\n")


def contains(lines, part):
    """Returns whether the text contains `part`, with all its lines indented by
    the same amount."""
    for start in range(len(lines) - len(part) + 1):
        piece = "\n".join(lines[start:start + len(part)])
        if textwrap.dedent(piece).split("\n") == part:
            return True
    return False


class Tree:
    """The sources, and the installed headers."""

    def __init__(self, source, version, scratch):
        self.source = source
        self.version = version
        self.scratch = scratch
        self.quoting = [source / "README.md",
                        *sorted((source / "doc/guide").glob("*.md"))]
        self.linking = [*self.quoting, *sorted((source / "doc").glob("*.md")),
                        source / "bindings/ansible/README.md"]
        self.examples = {
            path.name: path.read_text().split("\n") for pattern in EXAMPLES
            for path in sorted((source / "doc/examples").glob(pattern))}

    def headers(self, name):
        """Makes another copy of the headers."""
        include = self.scratch / name / "include"
        shutil.copytree(self.source / "libmdev/include", include)
        template = include / "mdev/version.hpp.in"
        (include / "mdev/version.hpp").write_text(
            template.read_text().replace("@VERSION@", self.version))
        return include

    def doxygen(self, program, include):
        """Runs doxygen. Returns its status and its warnings."""
        out = include.parent / "out"
        out.mkdir()
        text = (self.source / "doc/Doxyfile.in").read_text()
        for word, value in {"VERSION": self.version, "OUTPUT": out,
                            "SOURCE": self.source, "INCLUDE": include,
                            "XML": "YES"}.items():
            text = text.replace(f"@{word}@", str(value))
        (out / "Doxyfile").write_text(text)
        done = subprocess.run(
            [program, out / "Doxyfile"], text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False)
        silent = undocumented_enumerators(out / "xml")
        return done.returncode != 0 or silent, done.stdout + "".join(silent)


def undocumented_enumerators(directory):
    """Finds undocumented enumerators, which doxygen does not report."""
    found = []
    for file in sorted(directory.glob("*.xml")):
        for enum in xml.etree.ElementTree.parse(file).iter("memberdef"):
            for value in enum.findall("enumvalue"):
                text = "".join(value.find("briefdescription").itertext())
                if not text.strip():
                    found.append(f"{enum.findtext('name')}::"
                                 f"{value.findtext('name')} is not "
                                 "documented\n")
    return found


def quotes(tree, file):
    for match in QUOTE.finditer(file.read_text()):
        part = squeezed(match[2])
        if not any(contains(lines, part) for lines in tree.examples.values()):
            raise Failure(f"{file.name} quotes text that no example has:\n"
                          f"{match[2]}")


def anchors(page):
    """Returns the anchors of a page's headings, as GitHub makes them."""
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
            for title in HEADING.findall(page.read_text())}


def links(file):
    for path, anchor in LINK.findall(file.read_text()):
        target = file.parent / path if path else file
        if not target.exists():
            raise Failure(f"{file.name} links to {path}")
        if anchor and anchor not in anchors(target):
            raise Failure(f"{file.name} links to {path}#{anchor}")


def link_check_sees(tree):
    for link in ("nowhere.md", "page.md#nothing"):
        page = tree.scratch / "page.md"
        page.write_text(f"# Something\n\n[A page]({link})\n")
        try:
            links(page)
        except Failure:
            continue
        raise Failure(f"a link to {link} passes")


def examples_are_quoted(tree):
    text = "".join(file.read_text() for file in tree.quoting)
    parts = [squeezed(match[2]) for match in QUOTE.finditer(text)]
    for name, lines in tree.examples.items():
        if not any(contains(lines, part) for part in parts):
            raise Failure(f"no page quotes {name}")


def quote_check_sees(tree):
    page = tree.scratch / "page.md"
    page.write_text("```cpp\nconst auto a = mdev::Uuid::randomly();\n```\n")
    try:
        quotes(tree, page)
    except Failure:
        return
    raise Failure("an invented quotation passes")


def site_is_clean(tree, program):
    complains, text = tree.doxygen(program, tree.headers("clean"))
    if complains:
        raise Failure(text)


def plant_is_found(tree, program, number, header, planted):
    include = tree.headers(f"plant-{number}")
    text = (include / header).read_text()
    (include / header).write_text(text.replace("private:", planted, 1))
    if not tree.doxygen(program, include)[0]:
        raise Failure("doxygen does not find the mistake")


def skip_site():
    raise tap.Skip("there is no doxygen")


def checks(tree, program):
    for file in tree.quoting:
        yield f"{file.name} quotes the examples", lambda f=file: quotes(tree, f)
    for file in tree.linking:
        name = file.relative_to(tree.source)
        yield f"the links of {name} have targets", lambda f=file: links(f)
    yield "every example is quoted", lambda: examples_are_quoted(tree)
    yield "an invented quotation is found", lambda: quote_check_sees(tree)
    yield "a broken link is found", lambda: link_check_sees(tree)
    if not program:
        yield "the site", skip_site
        return
    yield ("the site builds without a warning",
           lambda: site_is_clean(tree, program))
    for number, (title, header, planted) in enumerate(PLANTS):
        yield (f"{title} is found", lambda n=number, h=header, p=planted:
               plant_is_found(tree, program, n, h, p))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--doxygen", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        tree = Tree(given.source.resolve(), given.version, pathlib.Path(name))
        return tap.run(checks(tree, given.doxygen))


sys.exit(main())
