# SPDX-License-Identifier: LGPL-2.1-or-later
"""The package as a whole: its names, docstrings, types, and an installed copy.
"""
import concurrent.futures
import enum
import importlib.util
import inspect
import os
import pathlib
import pickle
import re
import shutil
import subprocess
import sys
import textwrap

import pytest

import mdev
from installed import install

HERE = pathlib.Path(__file__).resolve().parent
CLASSES = [getattr(mdev, name) for name in mdev.__all__
           if inspect.isclass(getattr(mdev, name))]


def run(*words, **variables):
    done = subprocess.run(
        [str(word) for word in words], check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, **variables})
    assert done.returncode == 0, done.stdout
    return done.stdout


def members(cls):
    """Returns the public members of a class, as (qualified name, object)."""
    return [(f"{cls.__name__}.{name}", getattr(cls, name))
            for name in vars(cls) if not name.startswith("_")
            and not issubclass(cls, (enum.Enum, OSError))]


def test_the_version_is_the_librarys():
    assert [int(part) for part in mdev.__version__.split(".")]


def test_everything_public_is_listed():
    public = {name for name, value in vars(mdev).items()
              if not name.startswith("_") and not inspect.ismodule(value)}
    assert public | {"__version__"} == set(mdev.__all__)
    assert sorted(mdev.__all__) == mdev.__all__


def test_classes_have_the_module_mdev():
    for cls in CLASSES:
        if not issubclass(cls, OSError):
            assert cls.__module__ == "mdev", cls


def test_everything_has_a_docstring():
    things = [("mdev", mdev), ("diagnose", mdev.diagnose)]
    things += [(cls.__name__, cls) for cls in CLASSES]
    for cls in CLASSES:
        things += members(cls)
    for name, thing in things:
        text = inspect.getdoc(thing)
        assert text and text[0].isupper() or "(" in text, name
        for line in text.splitlines():
            assert len(line) <= 80, f"{name}: {line}"


def test_the_example_of_the_package_runs(kernel, capsys):
    lines = [line[4:] for line in mdev.__doc__.splitlines()
             if line.startswith("    ") or not line]
    source = "\n".join(lines)
    assert "mdev.Environment()" in source

    exec(source.replace("mdev.Environment()",
                        f"mdev.Environment({str(kernel.path)!r})"), {})

    assert capsys.readouterr().out == "mtty mtty-1 24\nmtty mtty-2 12\n"
    assert not mdev.Device.all(kernel.env)


def test_the_examples_of_classes_are_python():
    found = [block for cls in CLASSES for block in re.findall(
        r":\n\n((?:    .*\n?)+)", inspect.getdoc(cls))]
    assert found
    for block in found:
        for name in re.findall(r"\bmdev\.(\w+)", block):
            assert hasattr(mdev, name), block
        compile(textwrap.dedent(block), "example", "exec")


def test_every_function_documents_its_arguments():
    said = {}
    for name, function in [("diagnose", mdev.diagnose)] + [
            pair for cls in CLASSES for pair in members(cls)]:
        if callable(function):
            said[name] = str(inspect.signature(function))
    assert said["diagnose"] == "(env)"
    assert said["Device.find"] == "(uuid, env)"
    assert said["ListedDevice.active"] == (
        "(uuid=None, parent=None, ask=Ellipsis, *, env)")
    assert said["Manager.undefine"] == "(self, uuid, parent=None)"
    assert said["Manager.start"] == "(self, device)"
    assert str(inspect.signature(mdev.Environment)) == (
        "(root='/', *, log=None, lock_timeout=None, script_timeout=None, "
        "callout_lock_timeout=None, cancel=None, lock_held=False)")


@pytest.mark.parametrize("cls", [
    cls for cls in CLASSES if issubclass(cls, enum.Enum)],
    ids=lambda cls: cls.__name__)
def test_enums_are_pythons_own(cls):
    for member in cls:
        assert pickle.loads(pickle.dumps(member)) is member
        assert cls[member.name] is cls(member.value) is member


def test_help_can_be_shown():
    text = run(sys.executable, "-c", "import mdev; help(mdev)")
    assert "class Manager" in text
    assert "The root directory" in text
    assert "class NotDefined" in text


ENDING = """
import mdev, sys, threading
def log(level, message): pass
env = mdev.Environment("/nowhere", log=log)
manager, store = mdev.Manager(env), mdev.ConfigStore(env)
monitor = mdev.Monitor(env)
definition = mdev.Definition("1" * 32, "p", "t")
event = mdev.EventKind.overflow
def work():
    while True:
        env.log(mdev.LogLevel.info, "x")
        monitor.read()
for target in [work] * 6 + [lambda: next(monitor)]:
    threading.Thread(target=target, daemon=True).start()
try:
    store.find("2" * 32, "a/b")
except mdev.Error as caught:
    error = caught
sys.exit(0)
"""


def test_a_program_exits_with_any_living_objects():
    # The threads end in the middle of their work only by chance.
    with concurrent.futures.ThreadPoolExecutor(8) as several:
        outputs = several.map(
            lambda _: run(sys.executable, "-c", ENDING), range(100)
        )
        assert set(outputs) == {""}


def mypy(*words, **variables):
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("no mypy")
    return run(sys.executable, "-m", *words, **variables)


def test_mypy_understands_the_package_and_its_users(tmp_path, package):
    mypy("mypy", "--strict", "--cache-dir", tmp_path, HERE / "typed_use.py",
         MYPYPATH=str(package.parent))


def test_mypy_finds_nothing_in_the_package_itself(tmp_path, package):
    mypy("mypy", "--strict", "--cache-dir", tmp_path, "-p", "mdev",
         MYPYPATH=str(package.parent))


def test_the_stubs_match_the_module(tmp_path, package, monkeypatch):
    monkeypatch.chdir(tmp_path)  # mypy writes its cache there
    # Which entries are needed depends on mypy's version.
    mypy("mypy.stubtest", "mdev", "--allowlist", HERE / "stubtest.allowed",
         "--ignore-unused-allowlist", MYPYPATH=str(package.parent),
         PYTHONPATH=str(package.parent))


def test_an_installed_copy_works(tmp_path, request):
    build = request.config.getoption("--build")
    if not build or not shutil.which("meson"):
        pytest.skip("no build directory, or no meson")
    install(build, tmp_path)
    module, = tmp_path.rglob("mdev/__init__.py")
    library, = tmp_path.rglob("libmdev.so")

    text = run(sys.executable, "-c",
               "import mdev; print(mdev.__file__, mdev.__version__)",
               PYTHONPATH=str(module.parent.parent),
               LD_LIBRARY_PATH=str(library.parent))

    assert text.split() == [str(module), mdev.__version__]
    assert (module.parent / "py.typed").exists()
    assert (module.parent / "_mdev.pyi").exists()
    assert module.stat().st_mode & 0o777 == 0o644
