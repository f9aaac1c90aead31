# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fixtures: a root directory, a simulated kernel, scripts."""
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest

import mdev

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "support"))

PATIENCE = 120  # seconds; every wait takes milliseconds


def pytest_addoption(parser):
    parser.addoption("--mdevsim", help="the simulated kernel")
    parser.addoption("--build", help="a build directory, to install from")


class Root:
    """A system in a temporary root directory."""

    def __init__(self, path):
        self.path = path
        self.messages = []
        self.env = mdev.Environment(path, log=self._hear)

    def _hear(self, level, message):
        self.messages.append((level, message))

    def parent(self, name, **types):
        """Creates a parent; `types` are numbers of available instances."""
        place = self.path / "sys/class/mdev_bus" / name / "mdev_supported_types"
        place.mkdir(parents=True)
        for type_id, available in types.items():
            (place / type_id).mkdir()
            (place / type_id / "available_instances").write_text(
                f"{available}\n")
            (place / type_id / "device_api").write_text("vfio-pci\n")

    def define(self, uuid, parent, text):
        place = self.path / "etc/mdevctl.d" / parent
        place.mkdir(parents=True, exist_ok=True)
        (place / uuid).write_text(text)

    def script(self, body, kind="callouts", name="script"):
        place = self.path / "usr/lib/mdevctl/scripts.d" / kind
        place.mkdir(parents=True, exist_ok=True)
        path = place / name
        path.write_text(
            "#!/bin/sh\n"
            "type=$2 event=$4 action=$6 state=$8\n"
            f"cat >/dev/null\nroot='{self.path}'\n{body}\n")
        path.chmod(0o755)
        return path

    def versioned(self, body, actions=("attributes", "modify", "start"),
                  events=("get", "pre", "live", "post")):
        """Creates a script that lists its capabilities."""
        def listed(words):
            return ", ".join(f'"{word}"' for word in words)
        return self.script(f"""
            if [ "$event-$action" = get-capabilities ]; then
                echo '{{"supports": {{"version": 2, "actions":
                    [{listed(actions)}], "events": [{listed(events)}]}}}}'
                exit 0
            fi
            {body}""")

    def calls(self):
        """The lines that scripts have written to the file `calls`."""
        with contextlib.suppress(FileNotFoundError):
            return (self.path / "calls").read_text().splitlines()
        return []


class Kernel(Root):
    """A root whose sys/ is a simulated kernel with the parent mtty."""

    def control(self, text):
        with open(self.path / "sys/.mdevsim/control", "w",
                  encoding="ascii") as file:
            file.write(text)


@pytest.fixture
def root(tmp_path):
    return Root(tmp_path)


@pytest.fixture
def kernel(tmp_path, request):
    program = request.config.getoption("--mdevsim")
    if not program:
        pytest.skip("no mdevsim")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("no /dev/fuse")
    (tmp_path / "sys").mkdir()
    with subprocess.Popen(
            [program, tmp_path / "sys", "--parent", "mtty=mtty"],
            stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        yield Kernel(tmp_path)
        process.terminate()
        assert process.wait(PATIENCE) == 0


class Background(threading.Thread):
    """Runs a function in a thread; result() waits for it."""

    def __init__(self, function):
        super().__init__(daemon=True)
        self._function = function
        self._outcome = None
        self.start()

    def run(self):
        try:
            self._outcome = (self._function(), None)
        except BaseException as error:  # pylint: disable=broad-except
            self._outcome = (None, error)

    def result(self):
        self.join(PATIENCE)
        assert not self.is_alive(), "it hangs"
        result, error = self._outcome
        if error:
            raise error
        return result


@pytest.fixture
def background():
    return Background


@pytest.fixture
def wait_until():
    def wait(condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "timed out"
            time.sleep(0.005)
    return wait


@pytest.fixture
def package():
    """The directory of the package."""
    return pathlib.Path(mdev.__file__).parent


@contextlib.contextmanager
def _alarm(seconds):
    def ring(number, frame):
        raise InterruptedError("alarm")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def alarm():
    """A signal whose handler raises an exception, as that of Ctrl-C does."""
    return _alarm
