# SPDX-License-Identifier: LGPL-2.1-or-later
"""The results, dry runs and state files of a Manager: Outcome, HostState,
ListedDevice."""
import gc
import json
import sys
import uuid
import weakref

import pytest

import mdev
from mdev import (
    ActiveDevices, AskScripts, CalloutAction, DeviceSpec, JsonFormat, Prune,
    StartMode)

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
V = uuid.UUID("11111111-2222-3333-4444-5555555555cd")


def definition(which=U, **others):
    return mdev.Definition(which, "mtty", "mtty-1", **others)


def telling(system):
    """A manager, and the list of Outcomes that its listener fills."""
    heard = []
    return mdev.Manager(system.env).with_listener(heard.append), heard


def words(heard):
    """Returns "define+" for a change, for example, and "stop!" for a failure.
    """
    return [one.word + "+" * one.is_changed + "!" * bool(one.error)
            for one in heard]


def stored(system):
    return mdev.ConfigStore(system.env).all()


def active(system):
    return [device.uuid for device in mdev.Device.all(system.env)]


def document(*devices):
    return json.dumps({"version": 1, "devices": devices})


def wanted(*devices):
    return mdev.HostState.from_json(document(*devices), "the test")


def device(which=U, **others):
    return {"uuid": str(which), "parent": "mtty", "type": "mtty-1", **others}


def test_a_listener_gets_the_result_for_each_device(root):
    manager, heard = telling(root)

    manager.define(definition())
    manager.modify(U, None, lambda one: one.append_attribute("a", "1"))
    with pytest.raises(mdev.NotActive) as caught:
        manager.stop(U)
    manager.undefine(U)

    assert words(heard) == ["define+", "modify+", "stop!", "undefine+"]
    assert [one.differences for one in heard] == [[], ["attrs"], [], []]
    assert heard[2].error == str(caught.value)


def test_an_outcome_has_its_values(root):
    manager, heard = telling(root)

    manager.define(definition())

    one, = heard
    assert one.action is CalloutAction.define
    assert (one.uuid, one.parent, one.type_id) == (U, "mtty", "mtty-1")
    assert one.error == ""
    assert json.loads(one.to_json()) == {
        "action": "define", "uuid": str(U), "parent": "mtty",
        "type": "mtty-1", "changed": True, "differs": [], "error": None}
    assert repr(one) == f"<mdev.Outcome define {U} changed>"
    with pytest.raises(AttributeError):
        one.error = "x"


def test_without_a_listener_results_are_discarded(root):
    manager, heard = telling(root)
    manager.with_listener(None).define(definition())
    assert heard == []


def test_exceptions_of_a_listener_do_not_propagate(root, monkeypatch):
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)

    def fail(outcome):
        raise RuntimeError(outcome.word)

    mdev.Manager(root.env).with_listener(fail).define(definition())

    assert stored(root) == [definition()]
    assert [type(one.exc_value) for one in unraisable] == [RuntimeError]
    assert unraisable[0].object is fail


def test_ctrl_c_in_a_listener_comes_after_the_command(root):
    def interrupt(outcome):
        raise KeyboardInterrupt

    manager = mdev.Manager(root.env).with_listener(interrupt)
    with pytest.raises(KeyboardInterrupt):
        manager.define(definition())
        for _ in range(1000):
            pass

    assert stored(root) == [definition()]


def test_the_listener_is_released_with_the_manager(root):
    class Listener:
        def __call__(self, outcome):
            pass

    listener = Listener()
    alive = weakref.ref(listener)
    manager = mdev.Manager(root.env).with_listener(listener)
    copy = manager.with_dry_run()
    del listener, manager
    assert alive()

    del copy
    gc.collect()

    assert not alive()


def test_a_listener_may_give_commands(root):
    manager = mdev.Manager(root.env)

    manager.with_listener(
        lambda outcome: manager.undefine(outcome.uuid)).define(definition())

    assert stored(root) == []


def test_listeners_get_results_of_each_thread(root, background):
    manager, heard = telling(root)

    threads = [background(lambda which=which: manager.define(
        definition(uuid.UUID(int=which)))) for which in range(8)]
    for thread in threads:
        thread.result()

    assert sorted(one.uuid.int for one in heard) == list(range(8))


def test_a_dry_run_changes_nothing(kernel):
    manager, heard = telling(kernel)
    dry = manager.with_dry_run()

    dry.define(definition())
    assert dry.start(definition()).uuid == U
    with pytest.raises(mdev.NoSuchType):
        dry.start(DeviceSpec(V, "mtty", "none"))

    assert words(heard) == ["define+", "start+", "start!"]
    assert (stored(kernel), active(kernel)) == ([], [])
    assert not (kernel.path / "etc").exists()


def test_with_idempotence_a_satisfied_request_succeeds(kernel):
    strict, heard = telling(kernel)
    manager = strict.with_idempotence()

    for _ in range(2):
        manager.define(definition())
        manager.start(definition())
    for _ in range(2):
        manager.stop(U)
        manager.undefine(U)

    assert words(heard) == [
        "define+", "start+", "define", "start",
        "stop+", "undefine+", "stop", "undefine"]
    manager.define(definition())
    with pytest.raises(mdev.AlreadyDefined):
        manager.define(definition(attributes=[("a", "1")]))


def test_an_active_device_without_a_definition_needs_only_its_uuid(kernel):
    strict, heard = telling(kernel)
    strict.start(definition())

    for spec in (DeviceSpec(U), DeviceSpec(U, "mtty"),
                 DeviceSpec(U, type_id="mtty-1")):
        assert strict.with_idempotence().start(spec).type_id == "mtty-1"
        with pytest.raises(mdev.Error):
            strict.start(spec)
    with pytest.raises(mdev.Error):
        strict.with_idempotence().start(DeviceSpec(U, type_id="mtty-2"))

    assert words(heard) == ["start+"] + ["start", "start!"] * 3 + ["start!"]


@pytest.mark.parametrize("wait", [0, 0.01])
def test_all_devices_start_and_stop(kernel, wait):
    manager = mdev.Manager(kernel.env).with_wait(wait).with_retries(1, 0)
    manager.define(definition(U))
    manager.define(definition(V, start=StartMode.automatic))

    manager.start_defined("other")
    assert active(kernel) == []
    manager.start_defined()
    assert sorted(active(kernel)) == [U, V]
    manager.stop_all("other")
    assert sorted(active(kernel)) == [U, V]
    manager.with_force().stop_all("mtty")
    assert active(kernel) == []


def test_a_partial_start_of_all_is_a_failure(kernel):
    manager = mdev.Manager(kernel.env)
    manager.define(definition(U))
    manager.define(mdev.Definition(V, "gone", "mtty-1"))

    with pytest.raises(mdev.PartialFailure):
        manager.start_defined()

    assert active(kernel) == [U]


def test_a_host_matches_a_state_file_after_apply(kernel):
    manager, heard = telling(kernel)
    state = wanted(device(active=True, start="auto"))

    manager.apply(state)
    assert stored(kernel) == [definition(start=StartMode.automatic)]
    assert active(kernel) == []
    for _ in range(2):
        manager.apply(state, active_devices=ActiveDevices.apply)
    assert active(kernel) == [U]
    manager.apply(wanted(), Prune.no, ActiveDevices.apply)
    assert active(kernel) == [U]
    manager.apply(wanted(), Prune.yes, ActiveDevices.apply)

    assert (stored(kernel), active(kernel)) == ([], [])
    assert words(heard) == [
        "define+", "modify", "start+", "modify", "start",
        "stop+", "undefine+"]


def test_a_dry_run_reports_the_later_changes(kernel):
    manager, heard = telling(kernel)
    manager.define(mdev.Definition(U, "mtty", "mtty-2"))
    manager.start(definition(V))
    kernel.define(str(uuid.UUID(int=1)), "mtty", "{")
    state = wanted(device(U, defined=False),
        device(V, type="mtty-2", defined=False, active=False),
        device(uuid.UUID(int=1), defined=False))
    heard.clear()

    manager.with_dry_run().apply(state, Prune.no, ActiveDevices.apply)
    foretold = [one.to_json() for one in heard]
    heard.clear()
    manager.apply(state, active_devices=ActiveDevices.apply)

    assert [one.to_json() for one in heard] == foretold
    assert [(one.word, one.type_id) for one in heard if one.is_changed] == [
        ("stop", "mtty-1"), ("undefine", "mtty-2"), ("undefine", "")]
    assert active(kernel) == []
    assert not (kernel.path / "etc/mdevctl.d/mtty").exists()


def test_obstacles_are_found_first(kernel):
    state = wanted(device(active=True),
                   device(V, type="none", active=True))

    with pytest.raises(mdev.NoSuchType) as caught:
        mdev.Manager(kernel.env).apply(
            state, active_devices=ActiveDevices.apply)

    assert str(caught.value).startswith("Nothing was changed")
    assert (stored(kernel), active(kernel)) == ([], [])


def test_a_host_has_its_state(kernel, tmp_path):
    manager = mdev.Manager(kernel.env)
    manager.define(definition(attributes=[("a", "1")]))
    manager.start(definition(V))

    state = mdev.HostState.of(kernel.env)
    text = state.to_json()

    assert state.is_complete
    first, second = json.loads(text)["devices"]
    assert first["uuid"] == str(U) and first["attrs"] == [{"a": "1"}]
    assert (first["defined"], first["active"]) == (True, False)
    assert second["uuid"] == str(V)
    assert (second["defined"], second["active"]) == (False, True)
    file = tmp_path / "host.json"
    file.write_text(text)
    assert mdev.HostState.from_file(file, kernel.env).to_json() == text


def test_a_host_with_a_broken_definition_is_not_complete(root):
    root.define(str(U), "mtty", "{")

    assert not mdev.HostState.of(root.env).is_complete


def test_an_invalid_state_file_is_refused(root):
    for text in ("", "{", "{}", '{"version": 2, "devices": []}',
                 document({"parent": "mtty", "type": "t"}),
                 document(device(activ=True))):
        with pytest.raises(mdev.InvalidDefinition) as caught:
            mdev.HostState.from_json(text, "words")
        assert caught.value.subject == "words"
    with pytest.raises(FileNotFoundError):
        mdev.HostState.from_file("/nowhere/at/all", root.env)


def test_names_become_the_uuids_of_pythons_uuid(root):
    state = wanted({"name": "gpu", "parent": "mtty", "type": "t"})

    said, = json.loads(state.to_json())["devices"]

    space = uuid.uuid5(uuid.NAMESPACE_DNS, "mdevctl")
    assert mdev.uuid_from_name("gpu") == uuid.uuid5(space, "gpu")
    assert said["uuid"] == str(mdev.uuid_from_name("gpu"))
    with pytest.raises(TypeError):
        mdev.uuid_from_name(b"gpu")


def test_lists_have_active_devices_and_definitions(kernel):
    kernel.script("""
        [ "$action" != attributes ] || echo '[{"a": "1"}]'""")
    manager = mdev.Manager(kernel.env)
    manager.start(definition())
    manager.define(mdev.Definition(U, "mtty", "mtty-2"))
    manager.define(definition(V))

    one, = mdev.ListedDevice.active(env=kernel.env)
    assert one.definition == definition()
    assert (one.is_active, one.is_defined) == (True, True)
    assert one.differences == ["type"]
    assert one.path == mdev.Device.find(U, kernel.env).path
    assert one.file == kernel.path / "etc/mdevctl.d/mtty" / str(U)
    assert repr(one) == f"<mdev.ListedDevice {U} on mtty>"
    one, = mdev.ListedDevice.active(
        None, None, AskScripts.yes, env=kernel.env)
    assert one.definition.attributes == [("a", "1")]
    assert one.differences == ["type", "attrs"]
    both = mdev.ListedDevice.defined(env=kernel.env)
    assert [each.definition.uuid for each in both] == [U, V]
    assert (both[1].is_active, both[1].path) == (False, None)
    assert both[0].differences == ["type"]
    both = mdev.ListedDevice.defined(ask=AskScripts.yes, env=kernel.env)
    assert both[0].differences == ["type", "attrs"]
    assert mdev.ListedDevice.defined(V, "other", env=kernel.env) == []
    assert mdev.ListedDevice.active(str(V), env=kernel.env) == []


def test_lists_are_json(root):
    root.define(str(U), "mtty", '{"mdev_type": "T", "start": "auto"}')

    devices = mdev.ListedDevice.defined(env=root.env)
    flat = mdev.ListedDevice.list_to_json(devices, JsonFormat.flat)
    nested = mdev.ListedDevice.list_to_json(devices, JsonFormat.compatible)

    said, = json.loads(flat)["devices"]
    assert (said["uuid"], said["defined"]) == (str(U), True)
    assert nested == mdev.Definition.list_to_json(
        [one.definition for one in devices])


def test_a_list_is_written_device_by_device(root):
    for parent in "PQ":
        root.define(str(U), parent, '{"mdev_type": "T", "start": "auto"}')
    seen, kept, pieces = [], [], []

    def each(visit):
        kept.append(visit)
        mdev.ListedDevice.each_defined(visit, env=root.env)

    mdev.ListedDevice.each_defined(seen.append, U, env=root.env)
    assert [one.definition.parent for one in seen] == ["P", "Q"]
    mdev.ListedDevice.write_json(each, JsonFormat.flat, pieces.append)
    assert "".join(pieces) == mdev.ListedDevice.list_to_json(
        seen, JsonFormat.flat)
    with pytest.raises(RuntimeError):
        kept[0](seen[0])


def test_an_exception_ends_a_list(root):
    for parent in "PQ":
        root.define(str(U), parent, '{"mdev_type": "T", "start": "auto"}')
    seen = []

    def visit(device):
        seen.append(device)
        raise KeyError("enough")

    with pytest.raises(KeyError):
        mdev.ListedDevice.each_defined(visit, env=root.env)
    assert len(seen) == 1


def test_an_empty_list_is_also_json():
    for layout, expected in ((JsonFormat.compatible, []),
                             (JsonFormat.flat, {"version": 1, "devices": []})):
        text = mdev.ListedDevice.list_to_json([], layout)
        assert json.loads(text) == expected


def test_arguments_have_their_types(root):
    manager = mdev.Manager(root.env)
    state = wanted()
    for attempt in (
            lambda: manager.with_listener(),
            lambda: manager.with_listener("x"),
            lambda: manager.with_wait("1"),
            lambda: manager.with_retries("1", 0),
            lambda: manager.with_retries(-1, 0),
            lambda: manager.with_wait(None),
            lambda: manager.start_defined(1),
            lambda: manager.stop_all(b"p"),
            lambda: manager.stop_all("p", True),
            lambda: manager.apply(None),
            lambda: manager.apply("{}"),
            lambda: manager.apply(state, ActiveDevices.apply),
            lambda: manager.apply(state, prune=True),
            lambda: manager.apply(state, active_devices=1),
            lambda: mdev.HostState(),
            lambda: mdev.HostState.of(None),
            lambda: mdev.HostState.from_json(b"{}", "x", root.env),
            lambda: mdev.HostState.from_json("{}", root.env),
            lambda: mdev.HostState.from_file(None, root.env),
            lambda: mdev.ListedDevice.active(),
            lambda: mdev.ListedDevice.active(root.env),
            lambda: mdev.ListedDevice.active(env=None),
            lambda: mdev.ListedDevice.active(ask=True, env=root.env),
            lambda: mdev.ListedDevice.defined(1, env=root.env),
            lambda: mdev.Outcome(),
            lambda: mdev.ListedDevice.list_to_json([None], JsonFormat.flat),
            lambda: mdev.ListedDevice.list_to_json([]),
            lambda: mdev.ParentDevice.list_to_json(None, JsonFormat.flat)):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(ValueError):
        manager.with_wait(-1)
    with pytest.raises(mdev.InvalidName):
        mdev.ListedDevice.defined(parent="a/b", env=root.env)
