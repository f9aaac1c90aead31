# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program on a terminal with so many columns, and prints its output:
on_pty.py COLUMNS PROGRAM [ARGUMENT...]. A carriage return and an escape are
printed as <CR> and <ESC>, because the tests compare them."""
import fcntl
import os
import pty
import struct
import sys
import termios


def main():
    columns, words = int(sys.argv[1]), sys.argv[2:]
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))
        os.execvp(words[0], words)
    shown = b""
    try:
        while block := os.read(terminal, 65536):
            shown += block
    except OSError:
        pass  # the other side is closed
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    shown = shown.replace(b"\r\n", b"\n").replace(b"\r", b"<CR>")
    sys.stdout.buffer.write(shown.replace(b"\033", b"<ESC>"))
    return status if status >= 0 else 128 - status


sys.exit(main())
