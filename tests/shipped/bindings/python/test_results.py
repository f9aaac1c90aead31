# SPDX-License-Identifier: LGPL-2.1-or-later
"""The results of commands and errors, the limits of one request, and the
devices of a HostState."""
import errno
import os
import time
import uuid

import pytest

import mdev
from mdev import Activity, Errc, HostDevice, LiveScope, StartMode

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
V = uuid.UUID("11111111-2222-3333-4444-5555555555cd")


def definition(which=U, **others):
    return mdev.Definition(which, "mtty", "mtty-1", **others)


def test_commands_return_their_results(kernel):
    manager = mdev.Manager(kernel.env)
    manager.define(definition())

    modified = manager.modify(U, None, lambda one: one.append_attribute(
        "a", "1"))
    replaced = manager.modify(definition())
    manager.start(definition())
    stopped = manager.stop(U)
    started = manager.start_defined()
    all_stopped = manager.stop_all()
    undefined = manager.undefine(U)

    assert modified.before.attributes == []
    assert modified.after.attributes == [("a", "1")]
    assert replaced.differences == ["attrs"]
    assert stopped.is_changed and stopped.after is None
    assert [one.uuid for one in started] == [U]
    assert [one.word for one in all_stopped] == ["stop"]
    assert undefined[0].before == definition()
    assert (undefined[0].code, undefined[0].errno) == (None, 0)
    assert manager.start_parent("mtty") == manager.start_all() == []


def test_a_partial_failure_has_the_failed_devices(kernel):
    manager = mdev.Manager(kernel.env)
    manager.define(definition())
    manager.define(mdev.Definition(V, "gone", "mtty-1"))

    with pytest.raises(mdev.PartialFailure) as caught:
        manager.start_defined()

    failed, = caught.value.outcomes
    assert (failed.uuid, failed.code) == (V, Errc.no_such_parent)
    assert failed.after is None


def test_a_result_has_the_kernels_errno(kernel):
    kernel.control("fault */create:1:EIO")
    heard = []
    manager = mdev.Manager(kernel.env).with_listener(heard.append)

    with pytest.raises(mdev.Error) as caught:
        manager.start(definition())

    assert heard[0].errno == caught.value.errno == errno.EIO
    assert heard[0].code == errno.EIO
    assert caught.value.outcomes == []


def test_a_difference_has_old_and_new_values(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())
    wanted = mdev.HostState([
        HostDevice(definition(start=StartMode.automatic)),
        HostDevice(definition(V), is_defined=False)])

    change, = manager.diff(wanted)

    assert change.before.start == StartMode.manual
    assert change.after.start == StartMode.automatic
    assert mdev.ConfigStore(root.env).all() == [definition()]
    assert len(manager.apply(wanted)) == 2


def test_a_host_state_is_made_of_devices():
    state = mdev.HostState([
        HostDevice(definition(), activity=Activity.active),
        HostDevice(definition(V), is_defined=False,
                   activity=Activity.unknown)])

    again = mdev.HostState.from_json(state.to_json(), "text").devices

    assert [one.definition.uuid for one in again] == [U, V]
    assert [one.is_defined for one in again] == [True, False]
    assert [one.activity for one in again] == [
        Activity.active, Activity.unknown]
    assert HostDevice(definition()).activity == Activity.by_start_mode
    assert HostDevice(definition()).name == ""
    assert str(U) in repr(again[0])
    with pytest.raises(mdev.InvalidDefinition):
        mdev.HostState([again[0], again[0]])


def test_a_live_change_preserves_other_values(kernel):
    kernel.versioned("""case $event-$action in
        get-*) echo '[{"a": "1"}]' ;;
    esac""")
    manager = mdev.Manager(kernel.env)
    manager.start(definition())
    mdev.Manager(kernel.env).define(definition(start=StartMode.automatic))

    def edit(device):
        device.append_attribute("b", "2")
    on_device = manager.modify_live(U, edit)
    both = manager.modify_live(U, edit, LiveScope.device_and_definition)

    assert on_device.before.attributes == [("a", "1")]
    assert both.after.start == StartMode.automatic
    assert mdev.ConfigStore(kernel.env).all()[0].attributes == [
        ("a", "1"), ("b", "2")]


def test_requests_share_the_answers_of_scripts(root):
    root.versioned('echo "$event" >>"$root/calls"')
    script = root.path / "usr/lib/mdevctl/scripts.d/callouts/script"
    script.write_text(script.read_text().replace(
        "cat >/dev/null",
        f"cat >/dev/null; echo $action >>'{root.path}/calls'"))
    manager = mdev.Manager(root.env)

    for number in range(40):
        manager.with_deadline(60).with_cancel(None).with_environment(
            root.env).define(definition(uuid.UUID(int=number)))

    assert root.calls().count("capabilities") == 1


def test_a_request_has_its_own_deadline_and_descriptor(root):
    root.script('[ "$event" != pre ] || exec sleep 60')
    manager = mdev.Manager(root.env)
    readable, writable = os.pipe()
    os.write(writable, b"x")

    before = time.monotonic()
    with pytest.raises(mdev.TimedOut):
        manager.with_deadline(0.1).define(definition())
    with pytest.raises(mdev.Cancelled):
        manager.with_cancel(readable).define(definition())
    assert time.monotonic() - before < 30
    os.close(readable)
    os.close(writable)


def test_reading_a_pipe_has_a_deadline(root):
    pipe = root.path / "pipe"
    os.mkfifo(pipe)
    for read in (
            lambda env: mdev.Definition.from_file(pipe, U, "mtty", env),
            lambda env: mdev.HostState.from_file(pipe, env)):
        with pytest.raises(mdev.TimedOut):
            read(root.env.with_deadline(0.1))


def test_directories_may_be_elsewhere(root, tmp_path):
    env = root.env.with_config_directory(
        tmp_path / "config").with_script_directories([tmp_path / "scripts"])

    (tmp_path / "config").mkdir()
    mdev.Manager(env).define(definition())

    assert (tmp_path / "config/mtty" / str(U)).exists()
    assert env.callout_directories == [tmp_path / "scripts/callouts"]
    assert env.notifier_directories == [tmp_path / "scripts/notifiers"]
