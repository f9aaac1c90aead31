# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that texts use no retired word. vocabulary.words lists these words,
with replacements and reasons; vocabulary.places lists the files. In C, C++ and
Python, comments and string literals are texts; in Markdown, everything
except code. Other files are texts as a whole: in shell scripts, unquoted
arguments are often words of a message. Prints TAP.

    vocabulary.py [FILE...]    prints the words in these files instead
"""
import collections
import functools
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import tap  # noqa: E402

TOP = HERE.parents[1]
Word = collections.namedtuple("Word", "pattern instead reason")
# Code in Markdown: blocks between fences, indented blocks, and spans.
CODE = re.compile(r"^```.*?^```$|^    [^\n]*$|`[^`]*`", re.M | re.S)
STRING = r'"(?:[^"\\\n]|\\.)*"'
RAW_STRING = r'R"\(.*?\)"'
C_TEXT = re.compile(rf"//[^\n]*|/\*.*?\*/|{RAW_STRING}|{STRING}", re.S)
PYTHON_TEXT = re.compile(rf'""".*?"""|#[^\n]*|{STRING}', re.S)
TEXTS = {".c": C_TEXT, ".cpp": C_TEXT, ".h": C_TEXT, ".hpp": C_TEXT,
         ".py": PYTHON_TEXT, ".pyi": PYTHON_TEXT}
# What a line may begin with besides blanks: the signs of a comment.
LEADER = re.compile(r"(?<=\n)[ \t]*(?:///?|\*|#)?")


def lines_of(name):
    return [line for line in (HERE / name).read_text().splitlines()
            if line and not line.startswith("#")]


@functools.lru_cache(maxsize=None)
def words():
    found = []
    for line in lines_of("vocabulary.words"):
        pattern, rest = line.split(" => ")
        instead, reason = rest.rsplit(": ", 1)
        found.append(Word(re.compile(pattern.replace(" ", r"\s+"), re.I),
                          instead, reason))
    return found


def blank(text):
    """Returns blanks in place of the text, and its line breaks."""
    return re.sub(r"[^\n]", " ", text)


def only(pattern, text):
    """Returns the text with blanks in place of everything that does not match
    the pattern."""
    kept, end = "", 0
    for match in pattern.finditer(text):
        kept += blank(text[end:match.start()]) + match[0]
        end = match.end()
    return kept + blank(text[end:])


def text_of(path):
    """Returns the text of a file. Each character keeps its place."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = CODE.sub(lambda match: blank(match[0]), text)
    elif path.suffix in TEXTS:
        text = only(TEXTS[path.suffix], text)
    return LEADER.sub(lambda match: blank(match[0]), text)


def retired_in(path):
    """Returns a line for each retired word in the file."""
    text = text_of(path)
    return [f"{path}:{text.count(chr(10), 0, match.start()) + 1}: "
            f"'{' '.join(match[0].split())}': write {word.instead} "
            f"({word.reason})"
            for word in words() for match in word.pattern.finditer(text)]


def patterns(are_left_out):
    """Returns the patterns of the files that are checked or left out."""
    return [line.lstrip("!") for line in lines_of("vocabulary.places")
            if line.startswith("!") == are_left_out]


def matches(names):
    """Returns the files that match one of several patterns."""
    return {path for name in names for path in TOP.glob(name)
            if path.is_file()}


def files():
    found = sorted(matches(patterns(False)) - matches(patterns(True)))
    tap.expect(found, "vocabulary.places names no file")
    return found


def every_place_exists():
    for name in patterns(False) + patterns(True):
        tap.expect(any(TOP.glob(name)), f"no file matches {name}")


def no_retired_word():
    found = [line for path in files() for line in retired_in(path)]
    tap.expect(not found, "\n".join(found))


def each_word_is_found():
    """A word in a text is found, also at the end of a line, and not in code."""
    path = pathlib.Path(__file__)
    text = "It is forgotten, and what\n/// came of it is no error."
    found = [word.instead for word in words()
             if word.pattern.search(LEADER.sub(
                 lambda match: blank(match[0]), text))]
    tap.expect(len(found) == 3, f"{path.name} finds {found}")
    code = CODE.sub(lambda match: blank(match[0]), "See `forgotten`.")
    tap.expect("forgotten" not in code, "code is not left out")


def main():
    if sys.argv[1:]:
        for name in sys.argv[1:]:
            print("\n".join(retired_in(pathlib.Path(name))))
        return 0
    return tap.run([
        ("the places of the vocabulary exist", every_place_exists),
        ("a retired word is found in text only", each_word_is_found),
        ("texts use no retired word", no_retired_word)])


sys.exit(main())
