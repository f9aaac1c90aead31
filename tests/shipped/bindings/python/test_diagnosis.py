# SPDX-License-Identifier: LGPL-2.1-or-later
"""DeviceStatus and diagnose()."""
import json
import uuid

import pytest

import mdev

U = uuid.UUID("11111111-2222-3333-4444-5555555555ab")


def test_an_unknown_device_has_no_status(root):
    assert mdev.DeviceStatus.find(U, root.env) is None


def test_a_definition_is_shown(root):
    root.define(str(U), "mtty", '{"mdev_type": "T", "start": "auto"}')
    status = mdev.DeviceStatus.find(str(U), root.env)
    assert status.uuid == U
    assert status.active is None
    assert [each.type_id for each in status.definitions] == ["T"]
    assert status.files == [root.path / "etc/mdevctl.d/mtty" / str(U)]
    assert status.differences == status.active_attributes == status.users == []
    assert status.type is status.script is None
    assert status.iommu_group == ""
    assert status.device_files == []
    assert json.loads(status.to_json())["uuid"] == str(U)
    assert repr(status) == f"<mdev.DeviceStatus {U}>"


def test_an_active_device_is_shown_with_its_definition(kernel):
    kernel.define(str(U), "mtty", '{"mdev_type": "mtty-2", "start": "auto"}')
    script = kernel.script("""
        [ "$action" != attributes ] || echo '[{"a": "1"}]'""")
    mdev.Manager(kernel.env).start(
        mdev.Definition(U, "mtty", "mtty-1"))
    status = mdev.DeviceStatus.find(U, kernel.env)
    assert status.active.type_id == status.type.id == "mtty-1"
    assert status.differences == ["type", "attrs"]
    assert status.active_attributes == [("a", "1")]
    assert status.script == script
    assert status.iommu_group
    assert str(status.device_files[0]) == f"/dev/vfio/{status.iommu_group}"


def test_a_healthy_system_has_no_findings(kernel):
    assert mdev.diagnose(kernel.env) == []
    assert json.loads(mdev.Finding.list_to_json([])) == {
        "version": 1, "findings": []}


def test_a_finding_has_the_fault_and_advice(root):
    root.parent("mtty", T=1)
    root.define(str(U), "mtty", "{")
    path = root.path / "etc/mdevctl.d/mtty" / str(U)
    for place in (path, *path.parents[:3]):
        place.chmod(0o755)
    (finding,) = mdev.diagnose(root.env)
    assert finding.id == "definition-broken"
    assert finding.severity == mdev.Severity.error
    assert finding.subject == str(path)
    assert str(path) in finding.message
    assert "undefine --force" in finding.command
    assert repr(finding) == f"<mdev.Finding definition-broken {path}>"
    (said,) = json.loads(mdev.Finding.list_to_json([finding]))["findings"]
    assert said["id"] == "definition-broken"
    assert said["severity"] == "error"


def test_arguments_have_their_types(root):
    for call in (lambda: mdev.diagnose(None),
                 lambda: mdev.Finding.list_to_json([None]),
                 lambda: mdev.DeviceStatus.find(1, root.env)):
        with pytest.raises(TypeError):
            call()
