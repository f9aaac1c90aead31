# SPDX-License-Identifier: LGPL-2.1-or-later
"""Manager: every command, on a simulated kernel."""
import datetime
import errno
import uuid

import pytest

import mdev
from mdev import StartMode

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
V = uuid.UUID("11111111-2222-3333-4444-5555555555cd")


def definition(which=U, parent="mtty", **others):
    return mdev.Definition(which, parent, "mtty-1", **others)


def stored(system):
    return mdev.ConfigStore(system.env).all()


def active(system):
    return [device.uuid for device in mdev.Device.all(system.env)]


def test_define_stores_a_definition_and_returns_it(root):
    manager = mdev.Manager(root.env)

    returned = manager.define(definition())

    assert returned == definition()
    assert stored(root) == [definition()]
    with pytest.raises(mdev.AlreadyDefined):
        manager.define(definition())


def test_define_makes_up_a_uuid(root):
    made = mdev.Manager(root.env).define(
        parent="mtty", type="mtty-1", start=StartMode.automatic)

    assert made.uuid.version == 4
    assert made.start is StartMode.automatic
    assert stored(root) == [made]


def test_define_needs_enough(root):
    for given in ({}, {"uuid": U}, {"parent": "mtty"}, {"type": "mtty-1"},
                  {"uuid": None, "parent": None, "type": None}):
        with pytest.raises(mdev.Incomplete) as caught:
            mdev.Manager(root.env).define(**given)
        assert caught.value.errno == errno.EINVAL


def test_define_takes_what_is_left_out_from_the_active_device(kernel):
    manager = mdev.Manager(kernel.env)
    manager.start(definition())

    assert manager.define(U) == definition()


def test_undefine_removes_one_or_all(root):
    manager = mdev.Manager(root.env)
    for parent in ("a", "b", "c"):
        manager.define(definition(parent=parent))

    manager.undefine(U, "b")
    assert [one.parent for one in stored(root)] == ["a", "c"]
    manager.undefine(str(U))
    assert stored(root) == []
    with pytest.raises(mdev.NotDefined) as caught:
        manager.undefine(U)
    assert caught.value.errno == errno.ENOENT


def test_undefine_removes_a_broken_file_by_force(root):
    root.define(str(U), "mtty", "{")
    manager = mdev.Manager(root.env)

    with pytest.raises(mdev.InvalidDefinition):
        manager.undefine(U)
    manager.undefine(U, force=True)

    assert not mdev.ConfigStore(root.env).path(U, "mtty").exists()


def test_modify_stores_what_edit_makes_of_it(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())

    def edit(stored_one):
        assert stored_one == definition()
        stored_one.start = StartMode.automatic
        stored_one.append_attribute("a", "1")
        return "whatever"

    assert manager.modify(U, edit) is None

    assert stored(root) == [definition(
        start=StartMode.automatic, attributes=[("a", "1")])]


def test_modify_may_need_a_parent(root):
    manager = mdev.Manager(root.env)
    manager.define(definition(parent="a"))
    manager.define(definition(parent="b"))

    with pytest.raises(mdev.Ambiguous):
        manager.modify(U, lambda one: None)
    manager.modify(U, lambda one: one.append_attribute("x", "1"), "b")

    assert [one.attributes for one in stored(root)] == [[], [("x", "1")]]


class Surprise(Exception):
    pass


def test_what_edit_raises_comes_out_and_nothing_is_changed(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())
    surprise = Surprise()

    def edit(stored_one):
        stored_one.append_attribute("a", "1")
        raise surprise

    with pytest.raises(Surprise) as caught:
        manager.modify(U, edit)

    assert caught.value is surprise
    assert stored(root) == [definition()]
    manager.modify(U, lambda one: None)  # the lock is free


def test_errors_of_the_library_come_out_of_edit_too(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())

    with pytest.raises(mdev.InvalidIndex) as caught:
        manager.modify(U, lambda one: one.erase_attribute(5))

    assert caught.value.code is mdev.Errc.invalid_index


def test_what_edit_keeps_is_its_own(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())
    kept = []

    manager.modify(U, kept.append)
    kept[0].append_attribute("late", "1")

    assert stored(root) == [definition()]


def test_edit_hears_of_what_is_not_defined(root):
    with pytest.raises(mdev.NotDefined):
        mdev.Manager(root.env).modify(U, lambda one: pytest.fail("called"))


def test_modify_puts_a_definition_in_its_place(root):
    manager = mdev.Manager(root.env)

    manager.modify(definition())
    manager.modify(definition(attributes=[("a", "1")]))

    assert stored(root) == [definition(attributes=[("a", "1")])]


def test_devices_start_and_stop(kernel):
    manager = mdev.Manager(kernel.env)

    device = manager.start(definition())
    assert device == mdev.Device.find(U, kernel.env)
    with pytest.raises(mdev.AlreadyActive):
        manager.start(definition())
    manager.stop(str(U))

    assert active(kernel) == []
    with pytest.raises(mdev.NotActive) as caught:
        manager.stop(U)
    assert isinstance(caught.value, FileNotFoundError)


def test_start_finds_the_definition(kernel):
    manager = mdev.Manager(kernel.env)
    manager.define(definition())

    assert manager.start(U).type == "mtty-1"
    other = manager.start(parent="mtty", type="mtty-2")

    assert sorted(active(kernel)) == sorted([U, other.uuid])


def test_start_says_what_is_missing(kernel):
    manager = mdev.Manager(kernel.env)
    for given, error in (
            ({}, mdev.Incomplete),
            ({"uuid": U}, mdev.NotDefined),
            ({"uuid": U, "parent": "x", "type": "t"}, mdev.NoSuchParent),
            ({"uuid": U, "parent": "mtty", "type": "t"}, mdev.NoSuchType),
            ({"uuid": U, "parent": "a/b", "type": "t"}, mdev.InvalidName)):
        with pytest.raises(error):
            manager.start(**given)
    assert active(kernel) == []


def test_a_script_may_refuse_and_be_passed_over(kernel):
    path = kernel.script('[ "$event" != pre ]')
    manager = mdev.Manager(kernel.env)

    with pytest.raises(mdev.CalloutRejected) as caught:
        manager.start(definition())
    assert caught.value.subject == caught.value.filename == str(path)
    assert active(kernel) == []

    manager.start(definition(), force=True)
    manager.define(definition(), force=True)
    manager.modify(U, lambda one: one.append_attribute("a", "1"), force=True)
    manager.modify(definition(), force=True)
    manager.undefine(U, force=True)
    manager.stop(U, force=True)
    assert active(kernel) == []


def test_a_live_change_is_the_scripts(kernel):
    kernel.versioned('[ "$event" != live ] || echo live >>"$root/calls"')
    manager = mdev.Manager(kernel.env)
    with pytest.raises(mdev.NotActive):
        manager.modify_live(definition())
    manager.start(definition())

    manager.modify_live(definition())
    assert (kernel.calls(), stored(kernel)) == (["live"], [])
    manager.modify_live(definition(attributes=[("a", "1")]),
                        also_definition=True)

    assert kernel.calls() == ["live", "live"]
    assert stored(kernel) == [definition(attributes=[("a", "1")])]


def test_a_live_change_needs_a_script(kernel):
    manager = mdev.Manager(kernel.env)
    manager.start(definition())

    with pytest.raises(mdev.NotSupported) as caught:
        manager.modify_live(definition())

    assert caught.value.errno == errno.EOPNOTSUPP


@pytest.mark.parametrize("wait", [
    0, 0.1, datetime.timedelta(milliseconds=10)])
def test_a_parent_starts_what_is_automatic(kernel, wait):
    manager = mdev.Manager(kernel.env)
    manager.define(definition(U, start=StartMode.automatic))
    manager.define(definition(V))

    manager.start_parent("mtty", wait)
    assert active(kernel) == [U]
    manager.start_all(wait)
    assert active(kernel) == [U]


def test_a_start_in_part_is_a_failure(kernel):
    manager = mdev.Manager(kernel.env)
    manager.define(definition(U, start=StartMode.automatic))
    manager.define(definition(V, "gone", start=StartMode.automatic))

    with pytest.raises(mdev.PartialFailure):
        manager.start_all()

    assert active(kernel) == [U]
    assert any("gone" in message for _, message in kernel.messages)


def test_waiting_for_a_parent_has_an_end(root):
    manager = mdev.Manager(root.env)
    manager.define(definition(start=StartMode.automatic))

    with pytest.raises(mdev.PartialFailure):
        manager.start_parent("mtty", wait=0.05)


def test_arguments_have_their_types(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())
    for attempt in (
            lambda: mdev.Manager(None),
            lambda: mdev.Manager("/"),
            lambda: manager.define(1),
            lambda: manager.define(U, 1, "t"),
            lambda: manager.define(U, "p", "t", start=1),
            lambda: manager.define(definition(), force=1),
            lambda: manager.define(definition(), True),
            lambda: manager.define(V, "p", "t", force=None),
            lambda: manager.undefine(None),
            lambda: manager.undefine(U, 1),
            lambda: manager.undefine(U, force="no"),
            lambda: manager.modify(U),
            lambda: manager.modify(U, None),
            lambda: manager.modify(U, "edit"),
            lambda: manager.modify(None, lambda one: None),
            lambda: manager.modify(U, lambda one: None, 1),
            lambda: manager.modify_live(U),
            lambda: manager.modify_live(definition(), also_definition=1),
            lambda: manager.start(1),
            lambda: manager.start(U, b"p"),
            lambda: manager.stop(None),
            lambda: manager.stop(definition()),
            lambda: manager.start_parent(None),
            lambda: manager.start_parent("p", "1"),
            lambda: manager.start_parent("p", None),
            lambda: manager.start_all(True)):
        with pytest.raises(TypeError):
            attempt()
    assert stored(root) == [definition()]


def test_values_have_to_make_sense(root):
    manager = mdev.Manager(root.env)
    for attempt in (lambda: manager.define("x", "p", "t"),
                    lambda: manager.define(U, "a/b", "t"),
                    lambda: manager.undefine("x"),
                    lambda: manager.undefine(U, "a/b"),
                    lambda: manager.modify("x", lambda one: None),
                    lambda: manager.modify(U, lambda one: None, "a/b"),
                    lambda: manager.start("x"),
                    lambda: manager.start(parent="a/b", type="t"),
                    lambda: manager.stop("x"),
                    lambda: manager.start_parent("a/b"),
                    lambda: manager.start_parent("p", -1)):
        with pytest.raises(ValueError):
            attempt()
