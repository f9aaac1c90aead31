#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A module of Ansible: one mediated device is as it should be."""

DOCUMENTATION = r"""
module: device
short_description: Define, start, stop and remove a mediated device
description:
  - Makes one mediated device (mdev) of the Linux kernel what the task says, and
    changes nothing if it is so already.
  - Callout scripts are asked and notifiers hear of it, as with C(mdevctl).
version_added: 2.0.0
author:
  - mdevctl's authors (!UNKNOWN)
requirements:
  - the Python package C(mdev), which is C(python3-mdev) in Debian, on the host
    that has the device
options:
  uuid:
    description:
      - The device. One of I(uuid) and I(name) is needed.
    type: str
  name:
    description:
      - A name of which the UUID is made, always the same of the same name, as
        C(mdevctl apply) makes it.
    type: str
  parent:
    description:
      - The parent device, in any spelling that names it, as C(0000:00:02.0) or
        C(00:02.0). Such an address needs quotes, or YAML takes it for a number
        of minutes and seconds.
    type: str
  type:
    description:
      - The type, by its id or, if the parent has one of that name only, by the
        vendor's name.
    type: str
  attrs:
    description:
      - What is written to the device's attributes when it starts, in this
        order; a list of dictionaries of one member each, or one dictionary.
      - Values are strings and integers. YAML takes C(on), C(yes) and the like
        for a truth value, so they need quotes.
      - None if it is left out.
    type: raw
  auto:
    description:
      - Whether the device is started whenever its parent appears, as at boot.
        False if it is left out.
    type: bool
  state:
    description:
      - C(present) means that the device is defined with this I(parent),
        I(type), I(attrs) and I(auto); whether it runs is left as it is.
      - C(started) means the same and that it runs. Without I(parent), I(type),
        I(attrs) and I(auto), its definition is left as it is. A device that
        runs with another parent or type is not stopped for that; the task
        fails.
      - C(stopped) means that it does not run. Its definition is left as it is.
        The kernel waits for whoever has the device open, and so does the task.
      - C(absent) means that it does not run and is not defined on any parent.
      - With C(stopped) and C(absent), I(parent), I(type), I(attrs) and I(auto)
        are of no account.
    type: str
    choices: [present, started, stopped, absent]
    default: present
  root:
    description:
      - The directory from which every path follows, for tests and for images
        of systems.
    type: path
    default: /
attributes:
  check_mode:
    description: Makes every check, changes nothing and says what would change.
    support: full
  diff_mode:
    description: Shows what is defined and active of the device.
    support: full
"""

EXAMPLES = r"""
- name: A virtual GPU that is there after each boot, and now
  mdevctl.mdev.device:
    name: gpu of vm1
    parent: "0000:00:02.0"
    type: i915-GVTg_V5_4
    auto: true
    state: started
  register: gpu

- name: The UUID that its virtual machine needs
  ansible.builtin.debug:
    var: gpu.uuid

- name: A definition with attributes, in this order
  mdevctl.mdev.device:
    uuid: 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
    parent: matrix
    type: vfio_ap-passthrough
    attrs:
      - assign_adapter: 5
      - assign_domain: "0xab"

- name: Neither defined nor active
  mdevctl.mdev.device:
    name: gpu of vm2
    state: absent
"""

RETURN = r"""
uuid:
  description: The device's UUID, in the kernel's spelling.
  returned: if it is known
  type: str
  sample: 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
outcomes:
  description:
    - What was looked at or done, in order, as C(mdevctl --json) prints it. In
      check mode, what would be done.
  returned: always
  type: list
  elements: dict
  sample:
    - action: start
      uuid: 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
      parent: mtty
      type: mtty-1
      changed: true
      differs: []
      error: null
"""

import json
import traceback
import uuid

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    import mdev
    MISSING = None
except ImportError:
    MISSING = traceback.format_exc()

ARGUMENTS = {
    "uuid": {"type": "str"},
    "name": {"type": "str"},
    "parent": {"type": "str"},
    "type": {"type": "str"},
    "attrs": {"type": "raw"},
    "auto": {"type": "bool"},
    "state": {"type": "str", "default": "present",
              "choices": ["present", "started", "stopped", "absent"]},
    "root": {"type": "path", "default": "/"},
}
# Of these a definition is made.
DEFINING = ("parent", "type", "attrs", "auto")
START = {False: "manual", True: "auto"}


class Mistake(Exception):
    """The task says what cannot be."""


def device_of(given):
    if given["uuid"] is None:
        return mdev.uuid_from_name(given["name"])
    try:
        return uuid.UUID(given["uuid"])
    except ValueError:
        raise Mistake(f"uuid: '{given['uuid']}' is no UUID") from None


def value_of(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise Mistake(f"attrs: the value of '{name}' must be a string or an "
                      f"integer, not {json.dumps(value)}: put it in quotes")
    return str(value)


def attributes_of(attrs):
    """As definitions have them: a list of objects of one member each."""
    if isinstance(attrs, dict):
        attrs = [{name: value} for name, value in attrs.items()]
    if not isinstance(attrs, list) or not all(
            isinstance(one, dict) and len(one) == 1 for one in attrs):
        raise Mistake("attrs must be a dictionary, or a list of dictionaries "
                      "of one member each")
    return [{name: value_of(name, value) for name, value in one.items()}
            for one in attrs]


def document(which, given, env):
    """The document of a host that has the definition that the task describes;
    None if it describes none."""
    if given["state"] == "started" and all(
            given[name] is None for name in DEFINING):
        return None
    for name in ("parent", "type"):
        if given[name] is None:
            raise Mistake(f"state: '{given['state']}' needs parent and type, "
                          f"and {name} is missing")
    device = {
        "uuid": str(which), "parent": given["parent"], "type": given["type"],
        "start": START[bool(given["auto"])],
        "attrs": attributes_of(given["attrs"] or []),
    }
    if given["state"] == "started":
        device["active"] = True
    return mdev.HostState.from_json(
        json.dumps({"version": 1, "devices": [device]}), "the task", env)


def shown(device):
    definition = device.definition
    return {
        "parent": definition.parent, "type": definition.type_id,
        "start": START[definition.start is mdev.StartMode.automatic],
        "attrs": [{name: value} for name, value in definition.attributes],
        "defined": device.is_defined, "active": device.is_active,
    }


def by_parent(devices):
    return sorted(devices, key=lambda one: one["parent"])


def seen(which, env):
    """What is defined and active of the device."""
    found = mdev.ListedDevice.defined(which, env=env) + [
        one for one in mdev.ListedDevice.active(which, env=env)
        if not one.is_defined]
    return by_parent(shown(one) for one in found)


def defined(before, wanted, is_started):
    """What becomes of it where the document is brought about."""
    device, = json.loads(wanted.to_json())["devices"]
    after = {name: device[name]
             for name in ("parent", "type", "start", "attrs")}
    here = [one for one in before if one["parent"] == after["parent"]]
    active = is_started or any(one["active"] for one in here)
    after.update({"defined": True, "active": active})
    return by_parent([one for one in before if one not in here] + [after])


def expected(before, wanted, state):
    """What becomes of what was seen."""
    if state == "absent":
        return []
    if wanted is not None:
        return defined(before, wanted, state == "started")
    return [{**one, "active": state == "started"} for one in before
            if one["defined"] or state == "started"]


def bring_about(manager, which, wanted, state):
    if wanted is not None:
        manager.apply(wanted, mdev.Prune.no, mdev.ActiveDevices.apply
                      if state == "started" else mdev.ActiveDevices.leave)
    elif state == "started":
        manager.start(mdev.DeviceSpec(which))
    else:
        manager.stop(which)
        if state == "absent":
            manager.undefine(which)


def text(devices):
    return json.dumps(devices, indent=2) + "\n"


class Task:
    """What Ansible hears in the end."""

    def __init__(self, module):
        self._module = module
        self._outcomes = []
        self._errors = []
        self.result = {}

    def log(self, level, message):
        if level == mdev.LogLevel.error:
            self._errors.append(message)
        elif level == mdev.LogLevel.warning:
            self._module.warn(message)

    def run(self):
        given = self._module.params
        env = mdev.Environment(given["root"], log=self.log)
        which = device_of(given)
        self.result["uuid"] = str(which)
        wanted = None
        if given["state"] in ("present", "started"):
            wanted = document(which, given, env)
        manager = mdev.Manager(env).with_idempotence().with_listener(
            self._outcomes.append)
        if self._module.check_mode:
            manager = manager.with_dry_run()
        before = seen(which, env)
        bring_about(manager, which, wanted, given["state"])
        self.result["diff"] = {
            "before": text(before),
            "after": text(expected(before, wanted, given["state"]))}

    def told(self):
        return {
            "changed": any(one.is_changed for one in self._outcomes),
            "outcomes": [json.loads(one.to_json()) for one in self._outcomes],
            **self.result}

    def sentence(self, error):
        """Where the error only counts failures, the log has their reasons."""
        reasons = "; ".join(self._errors)
        return f"{error}: {reasons}" if reasons else str(error)


def main():
    module = AnsibleModule(
        argument_spec=ARGUMENTS, supports_check_mode=True,
        mutually_exclusive=[("uuid", "name")],
        required_one_of=[("uuid", "name")])
    if MISSING:
        module.fail_json(msg=missing_required_lib("mdev"), exception=MISSING)
    task = Task(module)
    try:
        task.run()
    except (mdev.Error, Mistake) as error:
        module.fail_json(msg=task.sentence(error), **task.told())
    module.exit_json(**task.told())


if __name__ == "__main__":
    main()
