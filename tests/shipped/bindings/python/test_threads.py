# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other threads continue while the library works, and Ctrl-C can end it."""
import itertools
import os
import signal
import socket
import threading
import uuid

import pytest

import mdev

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
SLOW = """echo begun >>"$root/calls"
    while [ ! -e "$root/go" ]; do sleep 0.01; done"""


def definition(which=U):
    return mdev.Definition(which, "mtty", "mtty-1")


def while_a_script_runs(root, background, wait_until, work):
    """Calls `work` in a thread and continues while its script runs."""
    root.script(SLOW)
    thread = background(work)
    wait_until(root.calls)
    assert thread.is_alive()
    (root.path / "go").touch()
    return thread.result()


def test_a_slow_script_stops_no_other_thread(root, background, wait_until):
    while_a_script_runs(
        root, background, wait_until,
        lambda: mdev.Manager(root.env).define(definition()))

    assert mdev.ConfigStore(root.env).all() == [definition()]


@pytest.mark.parametrize("work", [
    lambda engine: engine.run(mdev.CalloutEvent.pre, mdev.CalloutAction.start,
                              definition()),
    lambda engine: engine.attributes(definition()),
    lambda engine: engine.add_attributes([definition()]),
    lambda engine: engine.versioned_script(definition()),
], ids=["run", "attributes", "add_attributes", "versioned_script"])
def test_an_engine_stops_no_other_thread(root, background, wait_until, work):
    def run():
        with_error = None
        try:
            work(mdev.CalloutEngine(root.env))
        except mdev.CalloutRejected as error:
            with_error = error  # the script's output is invalid
        return with_error

    while_a_script_runs(root, background, wait_until, run)


def test_waiting_for_the_lock_stops_no_other_thread(root, background):
    store = mdev.ConfigStore(root.env)
    with store.lock():
        waiting = background(store.lock)
        waiting.join(0.05)
        assert waiting.is_alive()

    assert waiting.result().is_held


def test_a_kernel_that_waits_stops_no_other_thread(
        kernel, background, wait_until):
    manager = mdev.Manager(kernel.env)
    manager.start(definition())
    kernel.control(f"hold {U}")

    stopping = background(lambda: manager.stop(U))
    pending = kernel.path / "sys/.mdevsim/pending"
    wait_until(pending.read_text)
    assert stopping.is_alive()
    kernel.control(f"release {U}")
    stopping.result()

    assert mdev.Device.all(kernel.env) == []


def test_a_definition_may_change_while_it_is_defined(
        root, background, wait_until):
    one = definition()
    root.script(SLOW)
    thread = background(lambda: mdev.Manager(root.env).define(one))
    wait_until(root.calls)

    one.append_attribute("late", "1")
    (root.path / "go").touch()

    assert thread.result().after == definition()


def test_many_threads_use_one_manager(root, background):
    root.script('[ "$event" != get ] || exit 2')
    manager = mdev.Manager(root.env)
    manager.define(definition())

    def append(name):
        for number in range(5):
            manager.modify(U, None, lambda one: one.append_attribute(
                name, str(number)))

    for thread in [background(lambda name=f"a{i}": append(name))
                   for i in range(4)]:
        thread.result()

    stored, = mdev.ConfigStore(root.env).all()
    assert sorted(stored.attributes) == sorted(
        (f"a{i}", str(number)) for i in range(4) for number in range(5))


def test_many_threads_read_while_one_writes(root, background):
    store = mdev.ConfigStore(root.env)
    ended = threading.Event()

    def read():
        for count in itertools.count():
            for one in store:
                assert one.attributes in ([], [("a", "1")])
            if ended.is_set():
                return count

    readers = [background(read) for _ in range(3)]
    with store.lock() as lock:
        for number in range(50):
            which = uuid.UUID(int=number % 5)
            store.save(definition(which), lock)
            store.save(mdev.Definition(which, "mtty", "mtty-1",
                                       attributes=[("a", "1")]), lock)
    ended.set()

    assert all(reader.result() for reader in readers)


def test_the_listener_gets_messages_of_every_thread(root, background):
    heard = []
    env = root.env.with_log(lambda *_: heard.append(threading.get_ident()))
    root.define("not-a-uuid", "mtty", "{}")

    threads = [background(lambda: mdev.ConfigStore(env).all())
               for _ in range(4)]
    for thread in threads:
        thread.result()

    assert set(heard) == {thread.ident for thread in threads}


def test_ctrl_c_ends_a_command_by_the_wakeup_descriptor(
        root, background, wait_until):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        before = signal.set_wakeup_fd(theirs.fileno())
        root.script("""[ "$event" = pre ] || exit 0
            trap 'exit 1' TERM
            touch "$root/runs"
            sleep 600 & wait""")
        env = root.env.with_cancel(ours).with_script_timeout(600)

        def press():
            wait_until((root.path / "runs").exists)
            os.kill(os.getpid(), signal.SIGINT)

        try:
            with pytest.raises(KeyboardInterrupt) as caught:
                thread = background(press)
                mdev.Manager(env).define(definition())
        finally:
            signal.set_wakeup_fd(before)
        thread.result()

    assert mdev.ConfigStore(root.env).all() == []
    assert caught.value.__context__ is None or isinstance(
        caught.value.__context__, mdev.Cancelled)
