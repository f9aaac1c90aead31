# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trees with unexpected entries: files instead of directories, file systems
that are read-only or missing, users without permissions."""
import errno
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import store as stores  # noqa: E402
from tap import Skip, expect  # noqa: E402

UUID = stores.uuid(1)
OTHER = stores.uuid(2)
DEFINE = ("define", "-u", UUID, "-p", "P", "-t", "T")
# Every command, in any order.
COMMANDS = (
    DEFINE, ("modify", "-u", UUID, "--auto"), ("undefine", "-u", UUID),
    ("start", "-u", UUID), ("start", "-u", UUID, "-p", "P", "-t", "T"),
    ("stop", "-u", UUID), ("start-parent-mdevs", "P"), ("list",),
    ("list", "-d"), ("types",))


def run_all(store):
    """Checks that each command ends by itself and with at most one error."""
    for words in COMMANDS:
        with store.start(*words) as process:
            _, stderr = process.communicate(timeout=60)
        errors = [line for line in stderr.splitlines()
                  if line.startswith("Error: ")]
        expect(0 <= process.returncode < 20,
               f"{words}: {process.returncode}: {stderr}")
        expect(len(errors) == (process.returncode != 0),
               f"{words}: {process.returncode}: {stderr}")


def files_for_directories(store, _):
    """a file instead of a directory is an error or counts as empty"""
    for path in ("etc", "etc/mdevctl.d", "etc/mdevctl.d/P", "sys", "sys/class",
                 "sys/class/mdev_bus", "sys/class/mdev_bus/P", "sys/bus/mdev",
                 "sys/bus/mdev/devices", f"sys/bus/mdev/devices/{UUID}", "usr",
                 "usr/lib/mdevctl/scripts.d",
                 "usr/lib/mdevctl/scripts.d/callouts"):
        file = store.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a file\n")
        run_all(store)
        expect(file.read_text() == "a file\n", f"{path} is changed")
        for each in store.root.iterdir():
            each.unlink() if each.is_file() else shutil.rmtree(each)


def parent_is_a_file(store, _):
    """a message names a parent's directory that is a file"""
    store.definitions.mkdir(parents=True)
    (store.definitions / "P").write_text("")
    said = store.refusal(*DEFINE)
    expect(str(store.definitions / "P") in said, said)
    expect(store.run("list", "-d") == "", "the list")


def nothing_there(store, _):
    """an empty root has no devices, and every command reports this"""
    run_all(store)
    store.environment["MDEVCTL_ENV_ROOT"] = str(store.root / "missing/root")
    run_all(store)


def as_nobody(store, *words):
    """Checks that a command of a user who may only read is refused."""
    if os.getuid() != 0:
        raise Skip("only root can become another user")
    def become():
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    store.refusal(*words, status=11, preexec_fn=become)


def not_root(store, _):
    """without root each change is refused in one sentence, and reading works"""
    store.root.chmod(0o755)
    store.mdevctl = program_for_all(store)
    store.run("define", "-u", UUID, "-p", "P", "-t", "T")
    store.parent("P")
    store.device(OTHER)
    for words in (("define", "-u", stores.uuid(3), "-p", "P", "-t", "T"),
                  ("define", "-u", stores.uuid(3), "-p", "Q", "-t", "T"),
                  ("modify", "-u", UUID, "--auto"), ("undefine", "-u", UUID),
                  ("start", "-u", UUID), ("stop", "-u", OTHER),
                  ("start", "-p", "P", "-t", "T")):
        as_nobody(store, *words)
    expect(UUID in store.run("list", "-d"), "the list")


def limited(store, _):
    """at the limit of a file's size a change is an error, and `post` is called
    """
    store.run(*DEFINE)
    log = store.root / "log"
    script = store.root / "usr/lib/mdevctl/scripts.d/callouts/s"
    script.parent.mkdir(parents=True)
    script.write_text(f'#!/bin/sh\n[ "$4" = get ] || echo "$4 $8" >>{log}\n')
    script.chmod(0o755)

    def limit():
        # More bytes than the script writes, and fewer than a definition has.
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
    said = store.refusal("modify", "-u", UUID, "--auto", status=1,
                         preexec_fn=limit)
    expect(os.strerror(errno.EFBIG) in said, said)
    expect(log.read_text() == "pre none\npost failure\n", log.read_text())
    expect(store.definition(UUID)["start"] == "manual",
           "the definition is changed")


def more_privileges(store, _):
    """a program with more privileges than its caller ignores the caller's root
    """
    if os.getuid() != 0:
        raise Skip("only root can make such a program")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as place:
        os.chmod(place, 0o755)
        program = pathlib.Path(place, "mdevctl")
        shutil.copy(os.path.realpath(store.mdevctl), program)
        program.chmod(0o4755)
        store.run(*DEFINE)
        done = subprocess.run(
            [program, "list", "-d", "-u", UUID], env=store.environment,
            user=65534, group=65534, extra_groups=[], check=False,
            capture_output=True, text=True)
    if "cannot open shared object file" in done.stderr:
        raise Skip("the loader does not load a library of a build directory")
    if "MDEVCTL_ENV_ROOT is ignored" not in done.stderr:
        expect(UUID in done.stdout, done.stderr)
        raise Skip("programs get no privileges in this directory")
    expect(not done.stdout, done.stdout)


def program_for_all(store):
    """Returns the program, if all users may run it. The path of its library is
    part of the program."""
    program = os.path.realpath(store.mdevctl)
    probe = subprocess.run(
        [program, "--version"], check=False, capture_output=True,
        user=65534 if os.getuid() == 0 else None) \
        if os.getuid() == 0 and accessible(program) else None
    if os.getuid() == 0 and (probe is None or probe.returncode != 0):
        raise Skip("only root may run the program in its directory")
    return program


def accessible(path):
    """Returns whether all users may pass the directories above."""
    return all(each.stat().st_mode & 0o001
               for each in pathlib.Path(path).parents)


def in_namespace(store, script, *words):
    """Runs a command after shell commands, with mounts of its own."""
    if os.getuid() != 0 or not shutil.which("unshare"):
        raise Skip("only root can mount")
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-ec",
               script + '\nexec "$@"', "sh"]
    probe = subprocess.run([*command, "true"], check=False,
                           env=dict(store.environment, D=store.definitions),
                           stdin=subprocess.DEVNULL, capture_output=True,
                           text=True)
    if probe.returncode != 0:
        raise Skip("no file system can be mounted: " + probe.stderr.strip())
    done = subprocess.run([*command, store.mdevctl, *words], check=False,
                          env=dict(store.environment, D=store.definitions),
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def read_only(store, _):
    """on a read-only file system each change has this error"""
    store.run(*DEFINE)
    mount = 'mount --bind "$D" "$D"; mount -o remount,ro,bind "$D"'
    for words in (("define", "-u", OTHER, "-p", "P", "-t", "T"),
                  ("define", "-u", OTHER, "-p", "Q", "-t", "T"),
                  ("modify", "-u", UUID, "--auto"), ("undefine", "-u", UUID)):
        status, _, stderr = in_namespace(store, mount, *words)
        expect(status == 1 and stderr.count("\n") == 1 and
               os.strerror(errno.EROFS) in stderr, f"{status}: {stderr}")
    status, stdout, stderr = in_namespace(store, mount, "list", "-d")
    expect(status == 0 and UUID in stdout and not stderr, stderr)


def full(store, _):
    """on a full file system each change has this error and changes nothing"""
    store.definitions.mkdir(parents=True)
    mount = 'mount -t tmpfs -o size=16k none "$D"; ' \
        f'mkdir "$D/P"; echo \'{{"mdev_type": "T", "start": "manual"}}\' ' \
        f'>"$D/P/{UUID}"; dd if=/dev/zero of="$D/zero" 2>"$D/.err" || :; '
    for words in (("define", "-u", OTHER, "-p", "P", "-t", "T"),
                  ("modify", "-u", UUID, "--auto")):
        status, _, stderr = in_namespace(store, mount, *words)
        expect(status == 1 and stderr.count("\n") == 1 and
               os.strerror(errno.ENOSPC) in stderr,
               f"{words}: {status}: {stderr}")
    show = 'status=0; "$@" 2>/dev/null || status=$?; ' \
        'cat "$D"/P/*; ls -A "$D/P"; exit $status; '
    _, stdout, _ = in_namespace(store, mount + "set -- sh -c '" +
                                show.replace("'", "'\\''") + "' sh \"$@\"",
                                "modify", "-u", UUID, "--auto")
    expect("manual" in stdout and stdout.count("\n") == 2,
           f"the directory has: {stdout}")


def library_directories(store):
    """Returns the directories of the program's libraries. Without /proc no
    library is found by a path relative to the program."""
    said = subprocess.run(["ldd", store.mdevctl], check=False, text=True,
                          capture_output=True).stdout
    return ":".join(sorted({os.path.dirname(path)
                            for path in re.findall(r"(/\S+) \(0x", said)}))


def without_proc(store, _):
    """without /proc all commands work"""
    text = pathlib.Path(store.mdevctl).read_bytes()
    if b"__asan_init" in text or b"__tsan_init" in text:
        raise Skip("the sanitizers need /proc")
    store.environment["LD_LIBRARY_PATH"] = library_directories(store)
    away = "mount -t tmpfs none /proc"
    status, _, stderr = in_namespace(store, away, *DEFINE)
    expect(status == 0 and not stderr, stderr)
    status, _, stderr = in_namespace(store, away, "modify", "-u", UUID,
                                     "--auto")
    expect(status == 0 and store.definition(UUID)["start"] == "auto", stderr)
    expect(store.files() == [f"P/{UUID}"], store.files())


sys.exit(stores.main(__doc__, [
    files_for_directories, parent_is_a_file, nothing_there, not_root,
    read_only, full, limited, more_privileges, without_proc]))
