# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names and words with escape sequences, from every possible source. No escape
sequence reaches a terminal."""
import json
import os
import pathlib
import pty
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import store as stores  # noqa: E402
from tap import Failure, expect  # noqa: E402

UUID = stores.uuid(1)
OTHER = stores.uuid(2)

# Clear the screen, set the title, C1 by itself and in UTF-8, bell, backspace, a
# line break.
ESCAPES = (b"\033[2J", b"\033]0;title\007", b"\x9b31m", b"\xc2\x9b31m",
           b"\b\b\b", b"\nError: forged", b"\x7f", b"\xe2\x80")
EVIL = "".join(os.fsdecode(each) for each in ESCAPES)
# A text that a definition can contain: UTF-8.
EVIL_TEXT = "\033[2J\033]0;title\007\u009b31m\b\nError: forged\x7f"


def on_terminal(store, *words):
    """Returns the text on a terminal that is both stdout and stderr."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.execve(store.mdevctl, [store.mdevctl, *words],
                      {**store.environment, "NO_COLOR": "1"})
        finally:
            os._exit(127)
    shown = b""
    try:
        while block := os.read(terminal, 65536):
            shown += block
    except OSError:
        pass  # on Linux, the other side is closed
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    expect(status not in (127, -6, -11), f"{words}: {status}")
    return shown


def check_harmless(store, *words):
    # mdevctl itself erases the line of progress.
    shown = on_terminal(store, *words).replace(b"\r\033[K", b"\r\n")
    for line in shown.split(b"\r\n"):
        bad = [byte for byte in line if byte < 0x20 or byte == 0x7f]
        expect(not bad, f"{words}: {line}")
        expect(not line.startswith(b"Error: forged"), f"{words}: {line}")
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise Failure(f"{words}: {line}") from error
        expect(not any("\x80" <= each < "\xa0" for each in text),
               f"{words}: {line}")
    return shown


def the_files(store, _):
    """names of files in the store, and their contents"""
    directory = store.definitions / ("P" + EVIL)
    directory.mkdir(parents=True)
    (directory / UUID).write_text(json.dumps(
        {"mdev_type": "T" + EVIL_TEXT, "start": "manual",
         "attrs": [{"a" + EVIL_TEXT: "v" + EVIL_TEXT}]}))
    (directory / ("no uuid" + EVIL)).write_text("")
    (directory / OTHER).write_text(json.dumps({"mdev_type": "T",
                                               "start": EVIL_TEXT}))
    for words in (("list", "-d"), ("list", "-dv"), ("list", "-d", "--dumpjson"),
                  ("list", "-d", "-u", UUID, "--dumpjson"),
                  ("start", "-u", UUID), ("modify", "-u", OTHER, "--auto"),
                  ("undefine", "-u", UUID)):
        shown = check_harmless(store, *words)
        expect(shown or words[0] == "undefine", f"{words} shows nothing")
    expect(b"x1b" in check_harmless(store, "list", "-d"), "the warning")


def the_kernel(store, _):
    """names and texts of the kernel's tree"""
    name = "P" + EVIL
    parent = store.parent(name, ("T" + EVIL,))
    kind = parent / "mdev_supported_types" / ("T" + EVIL)
    for attribute in ("name", "description", "device_api"):
        (kind / attribute).write_bytes(os.fsencode(EVIL))
    store.device(UUID, name, "T" + EVIL)
    for words in (("types",), ("list",), ("list", "-v"), ("list", "--dumpjson"),
                  ("types", "--dumpjson"), ("define", "-u", UUID)):
        expect(check_harmless(store, *words), f"{words} shows nothing")


def the_command_line(store, _):
    """arguments that are repeated in messages"""
    for words in ((EVIL,), ("list", EVIL), ("list", "--" + EVIL),
                  ("define", "-u", EVIL), ("list", "-p", EVIL),
                  ("define", "-p", "P/" + EVIL, "-t", "T"),
                  ("define", "-p", "P", "-t", "T/" + EVIL),
                  ("define", "-p", "P", "--jsonfile", EVIL),
                  ("modify", "-u", UUID, "--index", EVIL, "--delattr"),
                  ("start-parent-mdevs", EVIL + "/"),
                  ("start", "-u", UUID, "-p", EVIL, "-t", EVIL)):
        shown = check_harmless(store, *words)
        expect(shown or words == ("list", "-p", EVIL),
               f"{words} shows nothing")


def the_scripts(store, _):
    """names of scripts, and their output"""
    body = "printf '\\033[2J\\n\\233x\\001 forged\\n' >&2\n" \
        "[ \"$4\" = get ] && printf '{\"\\033\": 1' && exit 0\nexit 1\n"
    store.script(body, "s" + EVIL.replace("/", ""))
    store.parent("P")
    store.device(UUID)
    for words in (("define", "-u", OTHER, "-p", "P", "-t", "T"),
                  ("define", "-u", UUID), ("list", "-v")):
        shown = check_harmless(store, *words)
    with store.start("define", "-u", OTHER, "-p", "P", "-t", "T") as process:
        shown = process.communicate()[1]
    expect("x1b[2J" in shown, f"the script's output is missing: {shown}")


def the_environment(store, _):
    """environment variables that are repeated in messages"""
    store.environment["MDEVCTL_LOG"] = EVIL
    check_harmless(store, "list")
    del store.environment["MDEVCTL_LOG"]
    store.environment["MDEVCTL_ENV_ROOT"] += EVIL
    check_harmless(store, "define", "-u", UUID, "-p", "P", "-t", "T")
    check_harmless(store, "undefine", "-u", OTHER)


sys.exit(stores.main(__doc__, [
    the_files, the_kernel, the_command_line, the_scripts, the_environment]))
