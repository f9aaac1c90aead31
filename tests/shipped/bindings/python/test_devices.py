# SPDX-License-Identifier: LGPL-2.1-or-later
"""ParentDevice, MdevType and Device, on a directory and a simulated kernel."""
import errno
import json
import uuid

import pytest

import mdev

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")
V = uuid.UUID("11111111-2222-3333-4444-5555555555cd")


def as_json(parents, layout=mdev.JsonFormat.compatible):
    return mdev.ParentDevice.list_to_json(parents, layout)


def test_an_empty_system_has_no_devices(root):
    assert mdev.ParentDevice.all(root.env) == []
    assert mdev.Device.all(root.env) == []
    assert mdev.ParentDevice.find("mtty", root.env) is None
    assert mdev.Device.find(U, root.env) is None
    assert json.loads(as_json([])) == []


def test_parents_and_types_have_the_values_of_the_kernel(root):
    root.parent("B", t1=4)
    root.parent("A", t2=0, t1=1)

    first, second = mdev.ParentDevice.all(root.env)

    assert (first.name, second.name) == ("A", "B")
    assert [(t.id, t.parent, t.available_instances, t.device_api, t.name,
             t.description) for t in first.types] == [
                 ("t1", "A", 1, "vfio-pci", "", ""),
                 ("t2", "A", 0, "vfio-pci", "", "")]
    assert first.type("none") is None
    assert first.type("t1").path == (
        root.path / "sys/class/mdev_bus/A/mdev_supported_types/t1")


def test_a_virtual_function_is_a_parent_of_another_framework(root):
    root.parent("mtty", t1=4)
    vendor = root.path / "sys/bus/pci/devices/0000:41:00.4/nvidia"
    vendor.mkdir(parents=True)
    (vendor / "creatable_vgpu_types").write_text("1147  : NVIDIA L40S-1Q\n")
    (vendor / "current_vgpu_type").write_text("1147\n")

    function, other = mdev.ParentDevice.all(root.env)
    device, = mdev.Device.all(root.env)
    listed, = mdev.ListedDevice.active(env=root.env)
    status = mdev.DeviceStatus.find(device.uuid, root.env)

    assert (function.name, function.framework, other.framework) == (
        "0000:41:00.4", mdev.Framework.vendor_vfio, mdev.Framework.mdev)
    assert {device.framework, listed.framework, status.framework} == {
        mdev.Framework.vendor_vfio}
    assert device.type_id == "nvidia-1147"


def test_types_as_json_equal_the_output_of_mdevctl(root):
    root.parent("A", t=3)

    parsed = json.loads(as_json(mdev.ParentDevice.all(root.env)))

    assert parsed[0]["A"][0]["t"]["available_instances"] == 3


def test_types_as_flat_json_are_a_list(root):
    root.parent("mtty", T=3)

    text = as_json(mdev.ParentDevice.all(root.env), mdev.JsonFormat.flat)

    said, = json.loads(text)["types"]
    assert (said["parent"], said["id"], said["available_instances"]) == (
        "mtty", "T", 3)
    assert json.loads(as_json([], mdev.JsonFormat.flat)) == {
        "version": 1, "types": []}


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\0b"])
def test_bad_names_of_parents_are_refused(root, name):
    with pytest.raises(mdev.InvalidName) as caught:
        mdev.ParentDevice.find(name, root.env)
    assert caught.value.errno == errno.EINVAL


def test_arguments_have_their_types(root):
    for wrong in (None, 1, b"mtty"):
        with pytest.raises(TypeError):
            mdev.ParentDevice.find(wrong, root.env)
    for wrong in (None, 1, "/", root.path):
        with pytest.raises(TypeError):
            mdev.ParentDevice.all(wrong)
        with pytest.raises(TypeError):
            mdev.Device.all(wrong)
        with pytest.raises(TypeError):
            mdev.Device.find(U, wrong)
        with pytest.raises(TypeError):
            as_json([wrong])
    with pytest.raises(ValueError):
        mdev.Device.find("no uuid", root.env)


def test_a_name_of_arbitrary_bytes_is_preserved(root):
    root.parent("p\udcff", t=1)

    parent, = mdev.ParentDevice.all(root.env)

    assert parent.name == "p\udcff"
    assert mdev.ParentDevice.find(parent.name, root.env).name == parent.name


def created(kernel, which=U, type_id="mtty-1"):
    parent = mdev.ParentDevice.find("mtty", kernel.env)
    return parent.type(type_id).create(which)


def test_a_device_is_created_found_and_removed(kernel):
    device = created(kernel)

    assert (device.uuid, device.parent, device.type_id) == (U, "mtty", "mtty-1")
    assert isinstance(device.uuid, uuid.UUID)
    assert device.path.name == str(U)
    assert mdev.Device.find(str(U), kernel.env) == device
    assert mdev.Device.all(kernel.env) == [device]

    device.remove()

    assert mdev.Device.find(U, kernel.env) is None
    with pytest.raises(mdev.NotActive):
        device.remove()


def test_a_device_has_its_properties(kernel):
    device = created(kernel)

    assert device.real_path == device.path.resolve()
    assert device.iommu_group.isdigit()
    assert [str(file) for file in device.device_files] == [
        f"/dev/vfio/{device.iommu_group}"]
    assert device.attribute("power/control") == "auto"
    with pytest.raises(mdev.InvalidName):
        device.attribute("../uevent")
    with pytest.raises(FileNotFoundError):
        device.attribute("missing")

    device.remove()

    for ask in (lambda: device.real_path, lambda: device.iommu_group,
                lambda: device.device_files, lambda: device.attribute("power")):
        with pytest.raises(mdev.NotActive):
            ask()


def test_a_parent_has_its_properties(kernel):
    device = created(kernel)
    parent = mdev.ParentDevice.resolve("/sys/class/mdev_bus/MTTY", kernel.env)

    assert parent == mdev.ParentDevice.find("mtty", kernel.env)
    assert hash(parent) == hash(mdev.ParentDevice.find("mtty", kernel.env))
    assert parent.path == kernel.env.parents_directory / "mtty"
    assert parent.real_path == parent.path.resolve()
    assert (parent.driver, parent.subsystem, parent.other_names) == (
        "", "mtty", [])
    assert parent.devices == [device]
    assert parent.resolve_type("Single port serial").id == "mtty-1"
    assert parent.resolve_type("none") is None
    assert mdev.ParentDevice.resolve("pci_0000_00_02_0", kernel.env) is None
    assert [(t.parent, t.id) for t in mdev.MdevType.all_available(
        "MTTY-2", kernel.env)] == [("mtty", "mtty-2")]


def test_a_name_that_matches_two_parents_is_ambiguous(root):
    root.parent("A")
    root.parent("a")

    assert mdev.ParentDevice.resolve("A", root.env).name == "A"
    root.parent("bb")
    root.parent("Bb")
    with pytest.raises(mdev.Ambiguous):
        mdev.ParentDevice.resolve("BB", root.env)


def test_a_removed_parent_has_no_properties(root):
    root.parent("A", t=1)
    parent = mdev.ParentDevice.find("A", root.env)
    (root.path / "sys/class/mdev_bus/A").rename(root.path / "gone")

    for ask in (lambda: parent.real_path, lambda: parent.driver,
                lambda: parent.subsystem, lambda: parent.other_names):
        with pytest.raises(mdev.NoSuchParent):
            ask()
    assert parent.devices == []


def test_types_are_read_each_time(kernel):
    parent = mdev.ParentDevice.find("mtty", kernel.env)
    before = parent.type("mtty-1")

    created(kernel)

    assert parent.type("mtty-1").available_instances == (
        before.available_instances - 1)


def test_errors_of_the_kernel_have_its_number(kernel):
    created(kernel)
    with pytest.raises(mdev.AlreadyActive) as caught:
        created(kernel)
    assert caught.value.errno == errno.EEXIST
    assert isinstance(caught.value, FileExistsError)

    kernel.control("fault */create:*:EIO")
    with pytest.raises(mdev.Error) as caught:
        created(kernel, V)
    assert caught.value.errno == errno.EIO
    assert caught.value.code is None


def test_a_full_parent_has_no_available_instance(kernel):
    for _ in range(12):
        created(kernel, uuid.uuid4(), "mtty-2")
    with pytest.raises(mdev.NoInstanceLeft):
        created(kernel, uuid.uuid4(), "mtty-2")


def test_attributes_cannot_leave_the_device(kernel):
    device = created(kernel)
    with pytest.raises(mdev.InvalidName):
        device.set_attribute("../x", "1")
    with pytest.raises(FileNotFoundError) as caught:
        device.set_attribute("none", "1")
    assert isinstance(caught.value, mdev.Error)
    for name, value in ((None, "1"), ("a", None), ("a", 1), (b"a", "1")):
        with pytest.raises(TypeError):
            device.set_attribute(name, value)


def test_equal_devices_are_one_member_of_a_set(kernel):
    device = created(kernel)
    other = created(kernel, V)
    again = mdev.Device.find(U, kernel.env)

    assert device == again
    assert device != other
    assert device != U
    assert len({device, again, other}) == 2


def test_equal_types_are_one_member_of_a_set(kernel):
    parent = mdev.ParentDevice.find("mtty", kernel.env)

    assert parent.type("mtty-1") == parent.type("mtty-1")
    assert len(set(parent.types) | set(parent.types)) == len(parent.types)


def test_reprs_have_the_values(kernel):
    device = created(kernel)
    parent = mdev.ParentDevice.find("mtty", kernel.env)

    assert repr(device) == f"<mdev.Device {U} mtty-1 on mtty>"
    assert repr(parent) == "<mdev.ParentDevice mtty>"
    assert repr(parent.type("mtty-2")) == (
        "<mdev.MdevType mtty-2 on mtty, 11 available>")


def test_values_of_the_kernel_cannot_be_set(kernel):
    device = created(kernel)
    with pytest.raises(AttributeError):
        device.uuid = V
    with pytest.raises(AttributeError):
        device.surprise = 1
