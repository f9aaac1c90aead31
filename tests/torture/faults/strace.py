# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs mdevctl under strace: lists the system calls of a command, and disturbs
one of them."""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import store as stores  # noqa: E402
from tap import Failure, skip_all  # noqa: E402

CLOCK_REALTIME_COARSE = 5  # Python has no name for this
LIMIT = 60  # seconds for a disturbed command
LINE = re.compile(r"^(\w+)\((.*)\) += +(.*)$")

# `nth` counts the calls of one name from the beginning, as strace does.
Call = collections.namedtuple("Call", "name nth arguments result")
Outcome = collections.namedtuple("Outcome", "status stdout stderr calls")


def is_usable():
    """Returns whether strace is installed, and may trace and inject here."""
    if not shutil.which("strace"):
        return False
    done = subprocess.run(
        ["strace", "-o", os.devnull, "-e", "inject=chdir:error=EIO", "true"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def skip_unless_usable():
    if not is_usable():
        skip_all("strace cannot be used here")


def read(log):
    """Returns the calls of an strace log."""
    counts = collections.Counter()
    calls = []
    for line in log.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        name = match[1] if match else re.match(r"(\w*)", line)[1]
        if not name or not line.startswith(name + "("):
            continue
        counts[name] += 1
        calls.append(Call(name, counts[name],
                          match[2] if match else line,
                          match[3] if match else "?"))
    return calls


def wait_for_ticks():
    """A directory that has changed within the present tick of the clock is
    read again, so another run would make different calls. The time of a change
    may be up to a tick ahead of the clock: newer kernels read a finer one."""
    for _ in range(2):
        begin = time.clock_gettime(CLOCK_REALTIME_COARSE)
        while time.clock_gettime(CLOCK_REALTIME_COARSE) == begin:
            time.sleep(0.001)


def run(store, words, injections=()):
    """Runs a command with strace's injections, for example
    `fsync:error=EIO:when=2`."""
    wait_for_ticks()
    log = store.root / "trace"
    command = ["strace", "-o", log, "-e", "signal=none"]
    for injection in injections:
        command += ["-e", "inject=" + injection]
    environment = dict(store.environment)
    # The leak sanitizer cannot trace a process that strace traces.
    environment["ASAN_OPTIONS"] = "detect_leaks=0:" + \
        environment.get("ASAN_OPTIONS", "")
    with subprocess.Popen(
            [*command, store.mdevctl, *words], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True) as process:
        try:
            stdout, stderr = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise Failure(f"{words} {injections} hangs") from error
    calls = read(log)
    log.unlink()
    return Outcome(process.returncode, stdout, stderr, calls)


def work_of(store, calls):
    """Returns the calls from the first call that looks at the root. The
    dynamic linker makes the calls before."""
    for number, call in enumerate(calls):
        if str(store.root) in call.arguments:
            return calls[number:]
    raise Failure("the command does not look at its root")


def open_descriptors(calls):
    """Returns the files that a command opened and had not closed at its end."""
    opened = {}
    for call in calls:
        if call.name in ("openat", "open", "openat2", "memfd_create", "socket",
                         "dup", "epoll_create1", "eventfd2", "timerfd_create",
                         "pidfd_open") or "F_DUPFD" in call.arguments:
            number = re.match(r"\d+", call.result)
            if number:
                opened[number[0]] = call.arguments
        elif call.name == "pipe2":
            for number in re.findall(r"\d+", call.arguments.split("]")[0]):
                opened[number] = call.arguments
        elif call.name == "close":
            opened.pop(call.arguments, None)
    return opened
