# SPDX-License-Identifier: LGPL-2.1-or-later
"""Environment: roots, time limits, log functions."""
import datetime
import gc
import math
import os
import pathlib
import socket
import sys
import weakref

import pytest

import mdev

U = "11111111-2222-3333-4444-5555555555ab"
MS = datetime.timedelta(milliseconds=1)


def test_the_default_is_the_real_system():
    env = mdev.Environment()

    assert env.root == pathlib.Path("/")
    assert env.parents_directory == pathlib.Path("/sys/class/mdev_bus")
    assert env.devices_directory == pathlib.Path("/sys/bus/mdev/devices")
    assert env.definitions_directory == pathlib.Path("/etc/mdevctl.d")
    assert env.lock_timeout == datetime.timedelta(seconds=60)
    assert env.script_timeout == datetime.timedelta(seconds=60)
    assert env.callout_lock_timeout == datetime.timedelta(minutes=10)


def test_every_path_is_below_the_root(tmp_path):
    env = mdev.Environment(tmp_path)

    for path in (env.root, env.parents_directory, env.devices_directory,
                 env.definitions_directory, *env.callout_directories,
                 *env.notifier_directories):
        assert isinstance(path, pathlib.Path)
        assert tmp_path == path or tmp_path in path.parents


@pytest.mark.parametrize("spelled", [str, pathlib.Path, os.fsencode])
def test_a_root_is_a_path(tmp_path, spelled):
    assert mdev.Environment(spelled(tmp_path)).root == tmp_path
    assert mdev.Environment().with_root(spelled(tmp_path)).root == tmp_path


@pytest.mark.parametrize("wrong", [None, 1, 1.5, [], object()])
def test_a_value_that_is_not_a_path_is_a_type_error(wrong):
    with pytest.raises(TypeError):
        mdev.Environment(wrong)
    with pytest.raises(TypeError):
        mdev.Environment().with_root(wrong)


def test_arbitrary_bytes_of_a_root_are_preserved(tmp_path):
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    assert str(mdev.Environment(odd).root) == odd


@pytest.mark.parametrize("limit, expected", [
    (0, 0 * MS), (2, 2000 * MS), (0.25, 250 * MS), (1e-9, MS),
    (datetime.timedelta(minutes=1), 60000 * MS),
    (datetime.timedelta(microseconds=1), MS)])
def test_a_limit_is_seconds_or_a_timedelta(limit, expected):
    env = mdev.Environment(
        lock_timeout=limit, script_timeout=limit, callout_lock_timeout=limit)
    assert env.lock_timeout == env.script_timeout == expected
    assert env.callout_lock_timeout == expected
    assert mdev.Environment().with_callout_lock_timeout(
        limit).callout_lock_timeout == expected

    env = mdev.Environment().with_lock_timeout(limit)
    assert env.lock_timeout == expected
    assert mdev.Environment().with_script_timeout(
        limit).script_timeout == expected


NO_LIMIT = [1e30, math.inf, sys.float_info.max, 10**30, datetime.timedelta.max]


@pytest.mark.parametrize("forever", NO_LIMIT)
def test_no_limit_is_the_longest_timedelta(forever):
    env = mdev.Environment(lock_timeout=forever)
    assert env.lock_timeout == datetime.timedelta.max
    env = mdev.Environment().with_script_timeout(env.lock_timeout)
    assert env.script_timeout == datetime.timedelta.max


@pytest.mark.parametrize("long", [
    datetime.timedelta(days=365 * 1000),
    datetime.timedelta(days=999999998, milliseconds=1)])
def test_a_long_limit_is_not_shortened(long):
    limit = mdev.Environment(callout_lock_timeout=long).callout_lock_timeout
    assert abs(limit - long) < datetime.timedelta(seconds=1)


@pytest.mark.parametrize("forever", NO_LIMIT)
def test_without_a_limit_the_library_waits(root, background, forever):
    root.script("exit 0")
    env = root.env.with_lock_timeout(forever).with_script_timeout(
        forever).with_callout_lock_timeout(forever)
    manager = mdev.Manager(env)
    with mdev.ConfigStore(root.env).lock():
        waiting = background(
            lambda: manager.define(mdev.Definition(U, "mtty", "mtty-1")))
        waiting.join(0.05)
        assert waiting.is_alive()

    assert str(waiting.result().uuid) == U


@pytest.mark.parametrize("wrong", [
    -1, -0.001, math.nan, -math.inf, datetime.timedelta(seconds=-1)])
def test_a_limit_is_not_negative(wrong):
    with pytest.raises(ValueError):
        mdev.Environment(lock_timeout=wrong)
    with pytest.raises(ValueError):
        mdev.Environment().with_script_timeout(wrong)


@pytest.mark.parametrize("wrong", ["1", True, [], object(), 1j])
def test_a_limit_is_a_number(wrong):
    with pytest.raises(TypeError):
        mdev.Environment(lock_timeout=wrong)
    with pytest.raises(TypeError):
        mdev.Environment().with_script_timeout(wrong)


def test_copies_differ_only_in_the_changed_value(tmp_path):
    first = mdev.Environment(tmp_path, lock_timeout=1)

    second = first.with_script_timeout(2).with_root("/")

    assert (first.root, first.script_timeout) == (tmp_path, 60000 * MS)
    assert second.lock_timeout == 1000 * MS
    assert (second.root, second.script_timeout) == (
        pathlib.Path("/"), 2000 * MS)


def test_the_listener_gets_messages_of_the_library(root):
    root.define("not-a-uuid", "mtty", "{}")

    mdev.ConfigStore(root.env).all()

    (level, message), = root.messages
    assert level is mdev.LogLevel.warning
    assert "not-a-uuid" in message


def test_the_listener_gets_messages_of_the_program():
    heard = []
    env = mdev.Environment(log=lambda *words: heard.append(words))

    env.log(mdev.LogLevel.info, "hello \udcff")
    env.with_log(None).log(mdev.LogLevel.info, "nobody")

    assert heard == [(mdev.LogLevel.info, "hello \udcff")]


def test_levels_compare_the_worst_first():
    assert mdev.LogLevel.error < mdev.LogLevel.warning < mdev.LogLevel.trace


@pytest.mark.parametrize("wrong", [1, "x", [], object()])
def test_a_listener_is_callable(wrong):
    with pytest.raises(TypeError):
        mdev.Environment(log=wrong)
    with pytest.raises(TypeError):
        mdev.Environment().with_log(wrong)


def test_exceptions_of_a_listener_do_not_propagate(root, monkeypatch):
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    root.define("not-a-uuid", "mtty", "{}")
    root.define(U, "mtty", '{"mdev_type": "t", "start": "manual"}')

    def fail(level, message):
        raise RuntimeError(message)

    found = mdev.ConfigStore(root.env.with_log(fail)).all()

    assert [str(one.uuid) for one in found] == [U]
    assert [type(one.exc_value) for one in unraisable] == [RuntimeError]
    assert unraisable[0].object is fail


def test_ctrl_c_in_a_listener_comes_after_the_call():
    def interrupt(level, message):
        raise KeyboardInterrupt

    env = mdev.Environment(log=interrupt)
    with pytest.raises(KeyboardInterrupt):
        env.log(mdev.LogLevel.info, "x")
        for _ in range(1000):
            pass


def test_the_listener_is_released_with_the_environment():
    class Listener:
        def __call__(self, level, message):
            pass

    listener = Listener()
    alive = weakref.ref(listener)
    env = mdev.Environment(log=listener)
    copy = env.with_lock_timeout(1)
    del listener, env
    assert alive()

    del copy
    gc.collect()

    assert not alive()


def test_a_cancel_descriptor_may_be_an_object(root):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for spelled in (theirs, theirs.fileno()):
            env = root.env.with_cancel(spelled).with_lock_timeout(20)
            with mdev.ConfigStore(root.env).lock():
                ours.send(b"x")
                with pytest.raises(mdev.Cancelled) as caught:
                    mdev.ConfigStore(env).lock()
            assert caught.value.code is mdev.Errc.cancelled
            theirs.recv(1)


def test_no_cancel_descriptor_is_none(root):
    with mdev.ConfigStore(root.env.with_cancel(None)).lock() as lock:
        assert lock.is_held


@pytest.mark.parametrize("wrong", ["x", 1.5, [], object()])
def test_a_cancel_descriptor_is_a_descriptor(wrong):
    with pytest.raises(TypeError):
        mdev.Environment(cancel=wrong)
    with pytest.raises(TypeError):
        mdev.Environment().with_cancel(wrong)


def test_a_closed_file_cannot_cancel(tmp_path):
    file = open(tmp_path / "x", "w", encoding="ascii")
    file.close()
    with pytest.raises(ValueError):
        mdev.Environment(cancel=file)
    with pytest.raises(ValueError):
        mdev.Environment(cancel=-1)


def test_a_lock_of_an_ancestor_cannot_be_taken(root):
    for env in (root.env.with_lock_held(),
                mdev.Environment(root.path, lock_held=True)):
        with mdev.ConfigStore(root.env).lock():
            pid = os.fork()
            if pid == 0:
                try:
                    mdev.ConfigStore(env).lock()
                except mdev.LockHeld:
                    os._exit(0)
                finally:
                    os._exit(1)
            assert os.waitpid(pid, 0)[1] == 0
        with mdev.ConfigStore(env).lock():
            pass


def test_lock_held_is_a_bool():
    for wrong in (None, 1, "yes"):
        with pytest.raises(TypeError):
            mdev.Environment(lock_held=wrong)


def test_arguments_of_log_have_types():
    env = mdev.Environment()
    for level, message in ((1, "x"), (None, "x"), ("info", "x"),
                           (mdev.LogLevel.info, None),
                           (mdev.LogLevel.info, b"x")):
        with pytest.raises(TypeError):
            env.log(level, message)


def test_repr_has_the_root(tmp_path):
    assert repr(mdev.Environment(tmp_path)) == f"mdev.Environment('{tmp_path}')"
