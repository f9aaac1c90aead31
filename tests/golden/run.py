# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs mdevctl in a root directory of its own, and compares its output and
exit status with the expected ones. Prints TAP.

A case is a directory beside this file:
  cmd             a shell script that is run in the root, with mdevctl and
                  lsmdev in PATH; `. lib.sh` loads functions to make a root
  root/           a directory that is copied into the root before; optional
  sim             the options of mdevsim, one a line; optional. With this
                  file a simulated kernel is mounted on sys/ during the case
  stdout, stderr  the expected output; empty if missing
  status          the expected exit status, 0 if missing; a case that ends
                  with 77 is skipped
In the expected output, $ROOT is the root and <UUID> is a random UUID."""
import argparse
import contextlib
import difflib
import functools
import os
import pathlib
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import tap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
LIMIT = 60  # seconds for one case
SLOWNESS = 20  # the factor for valgrind and emulation
# Each process writes its findings to a file. Scripts do not run under valgrind,
# but an mdevctl that they call does.
VALGRIND = ("--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite",
            "--show-leak-kinds=definite", "--child-silent-after-fork=yes",
            # It does not know NS_GET_USERNS, and says so.
            "--sim-hints=lax-ioctls")
NO_PIDFD_OPEN = b"unhandled amd64-linux syscall: 434"
SKIPPED = 77
NO_SCRIPTS = b"scripts cannot run under this valgrind, which has no " \
    b"pidfd_open(2)"
# Cases with a different output under valgrind, which is not compared.
UNLIKE = {"lock": b"commands are ended before valgrind has begun",
          "output-closed": b"valgrind opens standard output by itself"}
RANDOM_UUID = re.compile(
    rb"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
PASSED_ON = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
             "GCOV_PREFIX", "GCOV_PREFIX_STRIP", "LD_LIBRARY_PATH")


class Programs:
    """A directory at the beginning of a case's PATH."""

    def __init__(self, directory, mdevctl, mdevsim, valgrind, lacks=None):
        self.directory = directory
        self.mdevsim = mdevsim
        self.valgrind = valgrind
        self.lacks = lacks
        directory.chmod(0o755)  # some cases run as another user
        for name, target in (("python3", sys.executable),
                             ("lib.sh", HERE / "lib.sh")):
            (directory / name).symlink_to(os.path.abspath(target))
        real = directory / "real" if valgrind else directory
        real.mkdir(exist_ok=True)
        for name in ("mdevctl", "lsmdev"):
            (real / name).symlink_to(mdevctl)
            if valgrind:
                self.wrap(real / name)

    def wrap(self, program):
        """Replaces the program by a script that runs it under valgrind."""
        words = [self.valgrind, *VALGRIND]
        script = self.directory / program.name
        script.write_text(
            "#!/bin/sh\nexec " + shlex.join(words) +
            f' --log-file="${{ROOT%/*}}/valgrind/%p" {program} "$@"\n')
        script.chmod(0o755)

    def limit(self):
        is_slow = self.valgrind or self.lacks is not None
        return LIMIT * SLOWNESS if is_slow else LIMIT


class Case:
    """A case: a script and the expected results."""

    def __init__(self, directory):
        self.directory = directory
        self.name = directory.name

    def read(self, name):
        try:
            return (self.directory / name).read_bytes()
        except FileNotFoundError:
            return b""

    def expected(self):
        status = self.read("status").strip() or b"0"
        return {"stdout": self.read("stdout"), "stderr": self.read("stderr"),
                "status": status + b"\n"}

    def write(self, result):
        for name, content in result.items():
            path = self.directory / name
            if content in (b"", b"0\n"):
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(content)

    def skip_without_kernel(self, programs):
        if not (self.directory / "sim").exists():
            return
        if not programs.mdevsim:
            raise tap.Skip("no mdevsim")
        if not tap.has_fuse():
            raise tap.Skip("no /dev/fuse")

    def command(self, root, programs):
        words = ["sh", self.directory / "cmd"]
        if not (self.directory / "sim").exists():
            return words
        (root / "sys").mkdir(exist_ok=True)
        options = self.read("sim").decode().splitlines()
        return [programs.mdevsim, root / "sys"] + \
            [word for line in options for word in line.split(" ", 1)] + \
            ["--"] + words

    def own_words(self):
        """Returns the text of the case. A UUID in this text is not random."""
        content = self.read("cmd") + self.read("sim")
        for path in sorted((self.directory / "root").rglob("*")):
            content += os.fsencode(path) + b"\n"
            if path.is_file() and not path.is_symlink():
                content += path.read_bytes()
        return content.lower()

    def normalized(self, output, root):
        own = self.own_words()
        output = output.replace(os.fsencode(root), b"$ROOT")
        return RANDOM_UUID.sub(
            lambda found: found[0] if found[0] in own else b"<UUID>", output)

    def run(self, scratch, programs):
        root = scratch / "root"
        root.mkdir()
        (scratch / "valgrind").mkdir()
        (scratch / "valgrind").chmod(0o777)  # some cases run as another user
        if (self.directory / "root").exists():
            shutil.copytree(self.directory / "root", root, symlinks=True,
                            dirs_exist_ok=True)
        environment = {name: os.environ[name] for name in PASSED_ON
                       if name in os.environ}
        environment.update(
            PATH=f"{programs.directory}:/usr/bin:/bin", LC_ALL="C",
            HOME=str(scratch), ROOT=str(root), MDEVCTL_ENV_ROOT=str(root))
        if programs.lacks:
            environment["LACKS"] = programs.lacks
        status, stdout, stderr = finished(
            self.command(root, programs), root, environment,
            programs.limit())
        said = b"".join(log.read_bytes() for log in
                        sorted((scratch / "valgrind").iterdir()))
        # Other lines are about valgrind itself.
        found = b"".join(re.findall(rb"(?m)^==.*\n", said))
        why = NO_SCRIPTS if NO_PIDFD_OPEN in said else UNLIKE.get(self.name)
        if programs.valgrind and why and not found:
            return {"stdout": why + b"; valgrind has found nothing",
                    "stderr": b"", "status": b"%d\n" % SKIPPED}
        stderr += found
        return {"stdout": self.normalized(stdout, root),
                "stderr": self.normalized(stderr, root),
                "status": b"%d\n" % status}


def finished(words, directory, environment, limit):
    """Returns the exit status and the output of a program with a time limit."""
    with subprocess.Popen(
            list(map(str, words)), cwd=directory, env=environment, umask=0o022,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            stdout, stderr = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            # SIGTERM first, so that mdevsim can unmount.
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
            stdout, stderr = process.communicate()
            stderr += b"It did not end within %d s.\n" % limit
    return process.returncode, stdout, stderr


def remove(directory):
    """Removes a directory, including parts without permissions."""
    def retry(function, path, _):
        os.chmod(os.path.dirname(path), stat.S_IRWXU)
        function(path)
    shutil.rmtree(directory, onerror=retry)


def difference(case, expected, result):
    """Returns a unified diff of the results, empty if they are equal."""
    lines = []
    for name, wanted in expected.items():
        texts = [content.decode(errors="backslashreplace").splitlines(True)
                 for content in (wanted, result[name])]
        for line in difflib.unified_diff(
                *texts, f"{case.name}/{name}", f"{case.name}/{name} (now)"):
            end = "" if line.endswith("\n") else "\n\\ no newline at the end\n"
            lines.append(line + end)
    return "".join(lines)


def judge(case, programs, update):
    """Runs a case and compares its result with the expected one."""
    case.skip_without_kernel(programs)
    scratch = pathlib.Path(os.path.realpath(
        tempfile.mkdtemp(prefix="mdevctl-cli-")))
    try:
        result = case.run(scratch, programs)
    finally:
        remove(scratch)
    if result["status"] == b"%d\n" % SKIPPED:
        raise tap.Skip(result["stdout"].decode(errors="replace"))
    expected = case.expected()
    if update and result != expected:
        case.write(result)
        tap.comment(f"{case.name} is updated")
    elif result != expected:
        raise tap.Failure(difference(case, expected, result))


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mdevctl", default=shutil.which("mdevctl"),
                        help="the program to test")
    parser.add_argument("--mdevsim", default=shutil.which("mdevsim"),
                        help="the simulated kernel")
    parser.add_argument("--valgrind", action="store_true",
                        help="run mdevctl under valgrind, and fail the case "
                        "for a finding; leaks\nare found only if the program "
                        "is linked dynamically")
    parser.add_argument("--lacks", metavar="WORDS",
                        help="mdevctl is emulated, and the emulation lacks "
                        "these features: skip the\ncases that need them")
    parser.add_argument("--update", action="store_true",
                        help="replace the expected results by the actual ones")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("cases", nargs="*", metavar="CASE",
                        help="the cases to run; all by default")
    arguments = parser.parse_args()
    if not arguments.mdevctl:
        parser.error("there is no mdevctl in PATH: use --mdevctl")
    if arguments.valgrind and not shutil.which("valgrind"):
        parser.error("there is no valgrind")
    # Cases run in directories of their own.
    arguments.mdevctl = os.path.abspath(arguments.mdevctl)
    if arguments.mdevsim:
        arguments.mdevsim = os.path.abspath(arguments.mdevsim)
    return arguments


def find_cases(names):
    if not names:
        return [Case(cmd.parent) for cmd in sorted(HERE.glob("*/cmd"))]
    cases = [Case(HERE / pathlib.Path(name).name) for name in names]
    for case in cases:
        if not (case.directory / "cmd").exists():
            sys.exit(f"there is no case {case.name}")
    return cases


def main():
    # nohup and background jobs ignore signals; the cases must not inherit this.
    for ignored in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments = parse_arguments()
    cases = find_cases(arguments.cases)
    with tempfile.TemporaryDirectory(prefix="mdevctl-bin-") as name:
        programs = Programs(pathlib.Path(name), arguments.mdevctl,
                            arguments.mdevsim,
                            arguments.valgrind and shutil.which("valgrind"),
                            arguments.lacks)
        return tap.run(
            [(case.name,
              functools.partial(judge, case, programs, arguments.update))
             for case in cases], arguments.jobs)


if __name__ == "__main__":
    sys.exit(main())
