# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws doc/demo.svg: a terminal in which the demonstration of tests/demo.sh
has run. Fails if the picture is outdated; --update draws it again. Prints TAP.
"""
import argparse
import html
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))
import tap  # noqa: E402

PICTURE = TOP / "doc/demo.svg"
STEPS = TOP / "tests/support/demo_steps.sh"
COLUMNS = 80
PARENTS = ("--parent", "0000:00:02.0=i915", "--parent", "mtty=mtty")
LIMIT = 120  # seconds, never reached
# The size of a character, and the margin, in pixels.
WIDTH, HEIGHT, MARGIN = 8.4, 18, 12
STYLES = {"1": 'font-weight="bold"', "2": 'opacity="0.7"',
          "31": 'fill="#ff7b72"', "32": 'fill="#7ee787"',
          "33": 'fill="#e3b341"'}
CODE = re.compile(r"<ESC>\[([0-9]*)m")


def run(given):
    """Returns the text on the terminal."""
    with tempfile.TemporaryDirectory(prefix="mdevctl-demo-") as name:
        root = pathlib.Path(os.path.realpath(name))
        (root / "sys").mkdir()
        (root / "bin").mkdir()
        (root / "bin/mdevctl").symlink_to(given.mdevctl)
        done = subprocess.run(
            [given.mdevsim, root / "sys", *PARENTS, "--", sys.executable,
             HERE / "on_pty.py", str(COLUMNS), "sh", STEPS],
            timeout=LIMIT, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True, cwd=root,
            env={"PATH": f"{root}/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                 "TERM": "xterm", "HOME": name, "MDEVCTL_ENV_ROOT": name})
        return done.stdout.replace(str(root), "")


def spans(line):
    """Splits a line into pieces of one style each."""
    parts, text = CODE.split(line), ""
    for index in range(0, len(parts), 2):
        style = STYLES.get(parts[index - 1], "") if index else ""
        piece = html.escape(parts[index], quote=False)
        text += f"<tspan {style}>{piece}</tspan>" if style and piece else piece
    return text


def rows_of(line):
    """Wraps a line as a terminal does. Lines with colors already fit."""
    if CODE.search(line) or not line:
        return [line]
    return [line[start:start + COLUMNS]
            for start in range(0, len(line), COLUMNS)]


def drawing(shown):
    lines = [row for line in shown.strip("\n").split("\n")
             for row in rows_of(line)]
    width = round(COLUMNS * WIDTH + 2 * MARGIN)
    height = len(lines) * HEIGHT + 2 * MARGIN
    rows = "\n".join(
        f'<text x="{MARGIN}" y="{MARGIN + 14 + number * HEIGHT}">'
        f"{spans(line)}</text>" for number, line in enumerate(lines) if line)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}">\n'
        "<title>mdevctl at a terminal</title>\n"
        f'<rect width="{width}" height="{height}" rx="6" fill="#0d1117"/>\n'
        '<g fill="#e6edf3" font-size="14" xml:space="preserve" '
        'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace">\n'
        f"{rows}\n</g>\n</svg>\n")


def picture_is_current(given):
    if not tap.has_fuse():
        raise tap.Skip("no /dev/fuse")
    new = drawing(run(given))
    if given.update:
        PICTURE.write_text(new, encoding="utf-8")
    if not PICTURE.exists() or PICTURE.read_text(encoding="utf-8") != new:
        raise tap.Failure(f"{PICTURE} is outdated: tests/terminal/demo.py "
                          "--update draws it again")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevctl", type=os.path.abspath, required=True)
    parser.add_argument("--mdevsim", type=os.path.abspath, required=True)
    parser.add_argument("--update", action="store_true")
    given = parser.parse_args()
    return tap.run([("the picture shows what the demonstration prints",
                     lambda: picture_is_current(given))])


sys.exit(main())
