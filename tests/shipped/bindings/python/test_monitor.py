# SPDX-License-Identifier: LGPL-2.1-or-later
"""Monitor and Event. Events of this machine's own devices are ignored."""
import asyncio
import json
import selectors
import uuid

import pytest

import mdev
from mdev import EventKind

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
V = uuid.UUID("11111111-2222-3333-4444-5555555555cd")
STORE = (EventKind.definition_added, EventKind.definition_changed,
         EventKind.definition_removed)


def told(events):
    return [(event.kind, event.parent, event.uuid) for event in events
            if event.kind in STORE]


def define(root, which=U):
    mdev.Manager(root.env).define(mdev.Definition(which, "mtty", "mtty-1"))


def test_a_new_monitor_has_no_events(root):
    define(root)
    with mdev.Monitor(root.env) as monitor:
        assert told(monitor.read()) == []


def test_changes_of_the_store_are_reported_in_order(root):
    manager = mdev.Manager(root.env)
    with mdev.Monitor(root.env) as monitor:
        define(root)
        assert told(monitor.read()) == [
            (EventKind.definition_added, "mtty", U)]
        manager.modify(U, None, lambda one: one.append_attribute("a", "1"))
        assert told(monitor.read()) == [
            (EventKind.definition_changed, "mtty", U)]
        manager.undefine(U)
        assert told(monitor.read()) == [
            (EventKind.definition_removed, "mtty", U)]
        assert told(monitor.read()) == []


def test_the_present_state_is_reported_as_new(root):
    define(root)
    root.parent("mtty", **{"mtty-1": 4})
    with mdev.Monitor(root.env) as monitor:
        define(root, V)
        everything = [(event.kind, event.parent, event.uuid)
                      for event in monitor.current()]
        assert everything == [
            (EventKind.parent_registered, "mtty", None),
            (EventKind.definition_added, "mtty", U),
            (EventKind.definition_added, "mtty", V)]
        assert told(monitor.read()) == []
    with pytest.raises(ValueError, match="closed"):
        monitor.current()


def test_an_event_has_a_word_and_json(root):
    define(root)
    with mdev.Monitor(root.env) as monitor:
        (event,) = monitor.current()
    assert event.word == "definition-added"
    assert json.loads(event.to_json()) == {
        "event": "definition-added", "parent": "mtty", "uuid": str(U),
        "type": "mtty-1", "start": "manual", "types": None}


def test_an_event_has_the_known_facts(root):
    define(root)
    root.parent("mtty", **{"mtty-1": 4, "mtty-2": 4})
    with mdev.Monitor(root.env) as monitor:
        parent, definition = monitor.current()
    assert parent.offered_type_ids == ["mtty-1", "mtty-2"]
    assert (parent.type_id, parent.start) == ("", None)
    assert definition.offered_type_ids == []
    assert (definition.type_id, definition.start) == (
        "mtty-1", mdev.StartMode.manual)


def test_events_can_be_selected(root):
    added, removed = EventKind.definition_added, EventKind.definition_removed
    with mdev.Monitor(root.env, parent="mtty") as of_parent, \
            mdev.Monitor(root.env, parent="matrix") as of_other, \
            mdev.Monitor(root.env, uuid=V) as of_uuid, \
            mdev.Monitor(root.env, kinds=[removed]) as of_kind, \
            mdev.Monitor(root.env, uuid=str(U), kinds=(added,)) as of_both:
        define(root, U)
        assert [told(monitor.read()) for monitor in (
            of_parent, of_other, of_uuid, of_kind, of_both)] == [
                [(added, "mtty", U)], [], [], [], [(added, "mtty", U)]]
        assert not of_kind.has_uevents
    for wrong in ({"parent": 1}, {"uuid": "x"}, {"kinds": removed},
                  {"kinds": [1]}):
        with pytest.raises((TypeError, ValueError)):
            mdev.Monitor(root.env, **wrong)


def test_a_store_that_is_renamed_is_still_watched(root):
    define(root)
    with mdev.Monitor(root.env) as monitor:
        store = root.env.definitions_directory
        store.rename(store.with_name("old"))
        assert told(monitor.read()) == [
            (EventKind.definition_removed, "mtty", U)]
        define(root, V)
        assert told(monitor.read()) == [
            (EventKind.definition_added, "mtty", V)]


def test_selectors_work(root):
    with mdev.Monitor(root.env) as monitor, \
            selectors.DefaultSelector() as selector:
        selector.register(monitor, selectors.EVENT_READ)
        assert told(monitor.read()) == []
        define(root)

        (key, _), = selector.select(20)

        assert key.fileobj is monitor
        assert told(key.fileobj.read()) == [
            (EventKind.definition_added, "mtty", U)]


def test_asyncio_works(root):
    async def first_event():
        loop = asyncio.get_running_loop()
        came = loop.create_future()
        with mdev.Monitor(root.env) as monitor:
            loop.add_reader(monitor, lambda: came.done() or came.set_result(
                monitor.read()))
            define(root)
            events = await asyncio.wait_for(came, 20)
            loop.remove_reader(monitor)
        return events

    assert told(asyncio.run(first_event())) == [
        (EventKind.definition_added, "mtty", U)]


def test_iterating_yields_one_event_at_a_time(root):
    with mdev.Monitor(root.env) as monitor:
        define(root, U)
        define(root, V)

        found = []
        for event in monitor:
            found += told([event])
            if len(found) == 2:
                break

        assert [which for _, _, which in found] == [U, V]


def test_reading_returns_the_events_after_iterating(root):
    with mdev.Monitor(root.env) as monitor:
        define(root, U)
        define(root, V)
        first = next(event for event in monitor if event.kind in STORE)

        assert first.uuid == U
        assert [event.uuid for event in monitor.read()
                if event.kind in STORE] == [V]


def test_other_threads_continue_while_iterating_waits(root, background):
    with mdev.Monitor(root.env) as monitor:
        waiting = background(
            lambda: next(e for e in monitor if e.kind in STORE))
        waiting.join(0.05)
        assert waiting.is_alive()

        define(root)

        assert waiting.result().uuid == U


def test_closing_ends_the_iteration_of_every_thread(root, background):
    monitor = mdev.Monitor(root.env)
    waiting = [background(lambda: told(monitor)) for _ in range(3)]
    waiting[0].join(0.05)
    assert waiting[0].is_alive()

    monitor.close()

    assert [thread.result() for thread in waiting] == [[], [], []]


def test_ctrl_c_ends_waiting(root, alarm):
    with mdev.Monitor(root.env) as monitor:
        with pytest.raises(InterruptedError, match="alarm"):
            with alarm(0.05):
                for _ in monitor:
                    pass


def test_a_closed_monitor_cannot_be_used(root):
    with mdev.Monitor(root.env) as monitor:
        assert not monitor.closed
    monitor.close()

    assert monitor.closed
    for attempt in (monitor.read, monitor.fileno, monitor.__enter__):
        with pytest.raises(ValueError, match="closed"):
            attempt()
    assert list(monitor) == []


def test_events_are_values(root):
    with mdev.Monitor(root.env) as first, mdev.Monitor(root.env) as second:
        define(root)
        one, = (e for e in first.read() if e.kind in STORE)
        same, = (e for e in second.read() if e.kind in STORE)

    assert one == same
    assert one != U
    assert len({one, same}) == 1
    assert repr(one) == f"<mdev.Event definition_added mtty {U}>"
    assert isinstance(one.uuid, uuid.UUID)
    with pytest.raises(AttributeError):
        one.kind = EventKind.overflow


def test_many_threads_may_read(root, background):
    with mdev.Monitor(root.env) as monitor:
        readers = [background(lambda: [e for _ in range(200)
                                       for e in monitor.read()])
                   for _ in range(4)]
        for number in range(20):
            define(root, uuid.UUID(int=number))
        found = sum((reader.result() for reader in readers), [])
        found += monitor.read()

    assert sorted(e.uuid for e in found
                  if e.kind is EventKind.definition_added) == [
                      uuid.UUID(int=number) for number in range(20)]


def test_a_monitor_needs_an_environment():
    for wrong in (None, "/", 1):
        with pytest.raises(TypeError):
            mdev.Monitor(wrong)
