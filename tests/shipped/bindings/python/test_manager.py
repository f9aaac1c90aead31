# SPDX-License-Identifier: LGPL-2.1-or-later
"""Manager: every command, on a simulated kernel."""
import datetime
import errno
import math
import os
import socket
import uuid

import pytest

import mdev
from mdev import DeviceSpec, StartMode

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
V = uuid.UUID("11111111-2222-3333-4444-5555555555cd")


def definition(which=U, parent="mtty", **others):
    return mdev.Definition(which, parent, "mtty-1", **others)


def stored(system):
    return mdev.ConfigStore(system.env).all()


def active(system):
    return [device.uuid for device in mdev.Device.all(system.env)]


def test_define_stores_a_definition_and_returns_the_result(root):
    manager = mdev.Manager(root.env).with_idempotence()

    outcome = manager.define(definition())

    assert outcome.is_changed
    assert outcome.after == definition()
    assert stored(root) == [definition()]
    assert not manager.define(definition()).is_changed
    manager = mdev.Manager(root.env)
    with pytest.raises(mdev.AlreadyDefined):
        manager.define(definition())


def test_define_generates_a_uuid(root):
    made = mdev.Manager(root.env).define(
        DeviceSpec(None, "mtty", "mtty-1", StartMode.automatic))

    assert made.uuid.version == 4
    assert made.start is StartMode.automatic
    assert stored(root) == [made]


def test_define_needs_parent_and_type(root):
    for spec in (DeviceSpec(), DeviceSpec(U), DeviceSpec(parent="mtty"),
                 DeviceSpec(type_id="mtty-1")):
        with pytest.raises(mdev.Incomplete) as caught:
            mdev.Manager(root.env).define(spec)
        assert caught.value.errno == errno.EINVAL


def test_define_takes_missing_values_from_the_active_device(kernel):
    manager = mdev.Manager(kernel.env)
    manager.start(definition())

    assert manager.define(DeviceSpec(U)) == definition()


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
    manager.with_force().undefine(U)

    assert not mdev.ConfigStore(root.env).path(U, "mtty").exists()


def test_modify_stores_the_edited_definition(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())

    def edit(stored_one):
        assert stored_one == definition()
        stored_one.start = StartMode.automatic
        stored_one.append_attribute("a", "1")
        return "whatever"

    assert manager.modify(U, None, edit).is_changed

    assert stored(root) == [definition(
        start=StartMode.automatic, attributes=[("a", "1")])]


def test_modify_may_need_a_parent(root):
    manager = mdev.Manager(root.env)
    manager.define(definition(parent="a"))
    manager.define(definition(parent="b"))

    with pytest.raises(mdev.Ambiguous):
        manager.modify(U, None, lambda one: None)
    manager.modify(U, "b", lambda one: one.append_attribute("x", "1"))

    assert [one.attributes for one in stored(root)] == [[], [("x", "1")]]


class Surprise(Exception):
    pass


def test_an_exception_of_edit_is_raised_and_nothing_is_changed(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())
    surprise = Surprise()

    def edit(stored_one):
        stored_one.append_attribute("a", "1")
        raise surprise

    with pytest.raises(Surprise) as caught:
        manager.modify(U, None, edit)

    assert caught.value is surprise
    assert stored(root) == [definition()]
    manager.modify(U, None, lambda one: None)  # the lock is free


def test_errors_of_the_library_are_raised_from_edit(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())

    with pytest.raises(mdev.InvalidIndex) as caught:
        manager.modify(U, None, lambda one: one.erase_attribute(5))

    assert caught.value.code is mdev.Errc.invalid_index


def test_edit_may_keep_a_copy(root):
    manager = mdev.Manager(root.env)
    manager.define(definition())
    kept = []

    manager.modify(U, None, kept.append)
    kept[0].append_attribute("late", "1")

    assert stored(root) == [definition()]


def test_edit_is_not_called_without_a_definition(root):
    with pytest.raises(mdev.NotDefined):
        mdev.Manager(root.env).modify(
            U, None, lambda one: pytest.fail("called"))


def test_modify_replaces_a_definition(root):
    manager = mdev.Manager(root.env)

    manager.modify(definition())
    manager.modify(definition(attributes=[("a", "1")]))

    assert stored(root) == [definition(attributes=[("a", "1")])]


def open_by_qemu(kernel):
    """The device U is open, according to /proc."""
    group = os.path.basename(os.readlink(
        kernel.path / f"sys/bus/mdev/devices/{U}/iommu_group"))
    process = kernel.path / "proc/172"
    (process / "fd").mkdir(parents=True)
    (process / "comm").write_text("qemu\n")
    (process / "fd/5").symlink_to(f"/dev/vfio/{group}")


def test_a_device_in_use_is_not_stopped_on_demand(kernel):
    outcomes = []
    manager = mdev.Manager(kernel.env).with_in_use(
        mdev.WhenInUse.refuse).with_listener(outcomes.append)
    device = manager.start(definition())
    open_by_qemu(kernel)

    with pytest.raises(mdev.InUse, match="process 172") as caught:
        manager.stop(U)

    qemu = mdev.DeviceUser(pid=172, command="qemu")
    assert caught.value.users == [qemu]
    assert caught.value.errno == errno.EBUSY
    assert outcomes[0].users == []
    assert outcomes[1].users == [qemu]
    assert device.users == [qemu]
    assert active(kernel) == [U]
    mdev.Manager(kernel.env).stop(U)


def test_a_stop_times_out_and_its_removal_continues(kernel, wait_until):
    manager = mdev.Manager(kernel.env)
    manager.start(definition())
    kernel.control(f"hold {U}")

    with pytest.raises(mdev.InUse):
        manager.with_timeout(0.1).stop(U)
    assert active(kernel) == []
    with pytest.raises(mdev.InUse) as caught:
        manager.start(definition())
    assert caught.value.errno == errno.EEXIST

    kernel.control(f"release {U}")
    gone = kernel.path / f"sys/devices/virtual/mtty/mtty/{U}"
    wait_until(lambda: not gone.exists())
    manager.start(definition())


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

    assert manager.start(DeviceSpec(U)).type_id == "mtty-1"
    other = manager.start(DeviceSpec(parent="mtty", type_id="mtty-2"))

    assert sorted(active(kernel)) == sorted([U, other.uuid])


def test_the_error_of_start_has_the_missing_value(kernel):
    manager = mdev.Manager(kernel.env)
    for spec, error in (
            (DeviceSpec(), mdev.Incomplete),
            (DeviceSpec(U), mdev.NotDefined),
            (DeviceSpec(U, "x", "t"), mdev.NoSuchParent),
            (DeviceSpec(U, "mtty", "t"), mdev.NoSuchType),
            (DeviceSpec(U, "a/b", "t"), mdev.InvalidName)):
        with pytest.raises(error):
            manager.start(spec)
    assert active(kernel) == []


def test_a_script_may_refuse_and_be_overridden(kernel):
    path = kernel.script('[ "$event" != pre ]')
    manager = mdev.Manager(kernel.env)

    with pytest.raises(mdev.CalloutRejected) as caught:
        manager.start(definition())
    assert caught.value.subject == caught.value.filename == str(path)
    assert active(kernel) == []

    forced = manager.with_force()
    forced.start(definition())
    forced.define(definition())
    forced.modify(U, None, lambda one: one.append_attribute("a", "1"))
    forced.modify(definition())
    forced.undefine(U)
    forced.stop(U)
    assert active(kernel) == []


def test_a_script_makes_a_live_change(kernel):
    kernel.versioned('[ "$event" != live ] || echo live >>"$root/calls"')
    manager = mdev.Manager(kernel.env)
    with pytest.raises(mdev.NotActive):
        manager.modify_live(definition())
    manager.start(definition())

    manager.modify_live(definition())
    assert (kernel.calls(), stored(kernel)) == (["live"], [])
    with pytest.raises(mdev.NotDefined):
        manager.modify_live(
            definition(), mdev.LiveScope.device_and_definition)
    manager.define(definition())
    manager.modify_live(definition(attributes=[("a", "1")]),
                        mdev.LiveScope.device_and_definition)

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
def test_a_parent_starts_devices_with_autostart(kernel, wait):
    manager = mdev.Manager(kernel.env)
    manager.define(definition(U, start=StartMode.automatic))
    manager.define(definition(V))

    manager.start_parent("mtty", wait)
    assert active(kernel) == [U]
    manager.start_all(wait)
    assert active(kernel) == [U]


@pytest.mark.parametrize("forever", [math.inf, datetime.timedelta.max])
def test_without_a_limit_a_start_waits_until_it_is_cancelled(
        root, background, forever):
    mdev.Manager(root.env).define(definition(start=StartMode.automatic))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        manager = mdev.Manager(root.env.with_cancel(theirs))
        for start in (lambda: manager.start_parent("mtty", forever),
                      lambda: manager.with_wait(forever).start(definition())):
            waiting = background(start)
            waiting.join(0.05)
            assert waiting.is_alive()
            ours.send(b"x")
            with pytest.raises(mdev.Cancelled):
                waiting.result()
            theirs.recv(1)


def test_a_partial_start_is_a_failure(kernel):
    manager = mdev.Manager(kernel.env)
    manager.define(definition(U, start=StartMode.automatic))
    manager.define(definition(V, "gone", start=StartMode.automatic))

    with pytest.raises(mdev.PartialFailure):
        manager.start_all()

    assert active(kernel) == [U]
    assert any("gone" in message for _, message in kernel.messages)


def test_waiting_for_a_parent_times_out(root):
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
            lambda: manager.define(None),
            lambda: manager.define(U),
            lambda: manager.define(definition(), True),
            lambda: manager.define(DeviceSpec.__new__(DeviceSpec)),
            lambda: manager.with_force(True),
            lambda: manager.undefine(None),
            lambda: manager.undefine(U, 1),
            lambda: manager.modify(U),
            lambda: manager.modify(U, None),
            lambda: manager.modify(U, None, None),
            lambda: manager.modify(U, None, "edit"),
            lambda: manager.modify(None, None, lambda one: None),
            lambda: manager.modify(U, 1, lambda one: None),
            lambda: manager.modify(DeviceSpec(U)),
            lambda: manager.modify_live(U),
            lambda: manager.modify_live(definition(), True),
            lambda: manager.start(1),
            lambda: manager.start(U),
            lambda: manager.stop(None),
            lambda: manager.stop(definition()),
            lambda: manager.start_parent(None),
            lambda: manager.start_parent("p", "1"),
            lambda: manager.start_parent("p", None),
            lambda: manager.start_all(True)):
        with pytest.raises(TypeError):
            attempt()
    assert stored(root) == [definition()]


def test_invalid_values_are_refused(root):
    manager = mdev.Manager(root.env)
    for attempt in (lambda: manager.define(DeviceSpec(U, "a/b", "t")),
                    lambda: manager.undefine("x"),
                    lambda: manager.undefine(U, "a/b"),
                    lambda: manager.modify("x", None, lambda one: None),
                    lambda: manager.modify(U, "a/b", lambda one: None),
                    lambda: manager.start(
                        DeviceSpec(parent="a/b", type_id="t")),
                    lambda: manager.stop("x"),
                    lambda: manager.start_parent("a/b"),
                    lambda: manager.start_parent("p", -1)):
        with pytest.raises(ValueError):
            attempt()


def test_a_virtual_function_is_managed(kernel):
    kernel.control("add-parent 0000:41:00.0=nvidia-vfio:2")
    function = "0000:41:00.4"
    vendor = kernel.path / "sys/bus/pci/devices" / function / "nvidia"
    manager = mdev.Manager(kernel.env)
    wanted = mdev.Definition(U, function, "nvidia-1147",
                             attributes=[("nvidia/vgpu_params", "a=1")])

    assert manager.define(wanted).after == wanted
    device = manager.start(wanted)

    assert device.framework is mdev.Framework.vendor_vfio
    assert (vendor / "current_vgpu_type").read_text() == "1147\n"
    assert (vendor / "vgpu_params").read_text() == "a=1\n"
    listed, = mdev.ListedDevice.active(env=kernel.env)
    assert (listed.definition.uuid, listed.definition.parent,
            listed.framework) == (U, function, mdev.Framework.vendor_vfio)
    with pytest.raises(mdev.NoInstanceLeft) as caught:
        manager.start(DeviceSpec(V, function, "nvidia-1147"))
    assert f"already has type nvidia-1147 (device {U})" in str(caught.value)
    manager.stop(U)
    assert (vendor / "current_vgpu_type").read_text() == "0\n"
    assert active(kernel) == []
    # The GPU: the command chooses a function.
    chosen = manager.start(DeviceSpec(V, "0000:41:00.0", "NVIDIA L40S-1Q"))
    assert chosen.parent == "0000:41:00.5"
    # A device of another program is not the device that was started.
    (vendor / "current_vgpu_type").write_text("1147")
    with pytest.raises(mdev.NotActive):
        manager.stop(U)
    assert len(active(kernel)) == 2
