#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An Ansible module: the desired state of one mediated device."""

DOCUMENTATION = r"""
module: device
short_description: Define, start, stop and remove a mediated device
description:
  - Brings one mediated device (mdev) of the Linux kernel into the state that
    the task describes. Changes nothing if the device is already in that state.
  - Runs callout scripts and notifiers, like C(mdevctl).
version_added: 2.0.0
author:
  - mdevctl's authors (!UNKNOWN)
requirements:
  - the Python package C(mdev) (C(python3-mdev) in Debian) on the host of the
    device
options:
  uuid:
    description:
      - The UUID of the device. One of I(uuid) and I(name) is required.
    type: str
  name:
    description:
      - A name from which the UUID is computed. The module and C(mdevctl apply)
        compute the same UUID from a name, on every host.
    type: str
  parent:
    description:
      - The parent device, in any unambiguous spelling, for example
        C(0000:00:02.0) or C(00:02.0). Quote such an address; otherwise YAML
        reads a number of minutes and seconds.
    type: str
  type:
    description:
      - The id of the mdev type, or the vendor's name for the type if only one
        type of the parent has that name.
    type: str
  attrs:
    description:
      - The attributes to write when the device starts, in this order. A list
        of dictionaries of one member each, or one dictionary.
      - Values are strings and integers. Quote C(on), C(off), C(yes) and C(no);
        otherwise YAML reads a truth value.
      - By default there are no attributes.
    type: raw
  auto:
    description:
      - Whether the device starts whenever its parent appears, for example at
        boot. The default is false.
    type: bool
  state:
    description:
      - C(present) defines the device with this I(parent), I(type), I(attrs)
        and I(auto). It neither starts nor stops the device.
      - C(started) defines the device in the same way and starts it. Without
        I(parent), I(type), I(attrs) and I(auto), the definition does not
        change. If the device is active with another parent or type, the task
        fails and does not stop the device.
      - C(stopped) stops the device and does not change the definition. While
        a process has the device open, the task waits; I(if_unused) and
        I(timeout) change this.
      - C(absent) stops the device and removes its definitions on all parents.
      - With C(stopped) and C(absent), I(parent), I(type), I(attrs) and I(auto)
        are ignored.
    type: str
    choices: [present, started, stopped, absent]
    default: present
  if_unused:
    description:
      - Whether the task fails instead of waiting if a process has the device
        open. The device stays active, and I(users) has the processes.
    type: bool
    default: false
  timeout:
    description:
      - The number of seconds that the task waits for the processes that have
        the device open, before it fails. The kernel still removes the device
        when the processes close it. By default the task waits without limit.
    type: int
  root:
    description:
      - The root directory, for tests and for system images. Every path is
        relative to the root directory.
    type: path
    default: /
attributes:
  check_mode:
    description: The task makes every check, changes nothing and reports the
      changes that it would make.
    support: full
  diff_mode:
    description: The task shows the definitions of the device, and whether the
      device is active.
    support: full
"""

EXAMPLES = r"""
- name: Start a virtual GPU now and at each boot
  mdevctl.mdev.device:
    name: gpu of vm1
    parent: "0000:00:02.0"
    type: i915-GVTg_V5_4
    auto: true
    state: started
  register: gpu

- name: Show the UUID that the virtual machine needs
  ansible.builtin.debug:
    var: gpu.uuid

- name: Define a device with attributes, in this order
  mdevctl.mdev.device:
    uuid: 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
    parent: matrix
    type: vfio_ap-passthrough
    attrs:
      - assign_adapter: 5
      - assign_domain: "0xab"

- name: Stop a device and remove its definition
  mdevctl.mdev.device:
    name: gpu of vm2
    state: absent
"""

RETURN = r"""
uuid:
  description: The device's UUID, in lower case.
  returned: if the UUID is valid
  type: str
  sample: 83b8f4f2-509f-382f-3c1e-e6bfe0fa1001
users:
  description: The processes that have the device open.
  returned: if the task fails because of them
  type: list
  elements: dict
  sample:
    - pid: 172
      command: qemu-system-x86
outcomes:
  description:
    - The results in order, in the format of C(mdevctl --json). In check mode,
      the results that the task would have.
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
    "if_unused": {"type": "bool", "default": False},
    "timeout": {"type": "int"},
    "root": {"type": "path", "default": "/"},
}
# The options that describe a definition.
DEFINING = ("parent", "type", "attrs", "auto")
START = {False: "manual", True: "auto"}


class Mistake(Exception):
    """An option has an invalid value."""


def device_of(given):
    if given["uuid"] is None:
        return mdev.uuid_from_name(given["name"])
    try:
        return uuid.UUID(given["uuid"])
    except ValueError:
        raise Mistake(f"uuid: '{given['uuid']}' is not a UUID") from None


def value_of(name, value):
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise Mistake(f"attrs: the value of '{name}' must be a string or an "
                      f"integer, not {json.dumps(value)}: put it in quotes")
    return str(value)


def attributes_of(attrs):
    """Returns `attrs` as in definitions: a list of objects of one member
    each."""
    if isinstance(attrs, dict):
        attrs = [{name: value} for name, value in attrs.items()]
    if not isinstance(attrs, list) or not all(
            isinstance(one, dict) and len(one) == 1 for one in attrs):
        raise Mistake("attrs must be a dictionary, or a list of dictionaries "
                      "of one member each")
    return [{name: value_of(name, value) for name, value in one.items()}
            for one in attrs]


def desired_state(which, given):
    """Returns a HostState with the definition that the task describes, or None
    if the task does not describe one."""
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
        json.dumps({"version": 1, "devices": [device]}), "the task")


def shown(device):
    definition = device.definition
    # If the active device has another type than its definition, is_active is
    # false, but the definition differs from the device.
    is_active = device.is_active or bool(device.differences)
    return {
        "parent": definition.parent, "type": definition.type_id,
        "start": START[definition.start is mdev.StartMode.automatic],
        "attrs": [{name: value} for name, value in definition.attributes],
        "defined": device.is_defined, "active": is_active,
    }


def by_parent(devices):
    return sorted(devices, key=lambda one: one["parent"])


def seen(which, env):
    """Returns the definitions of the device, and the active device if it is
    not defined."""
    found = mdev.ListedDevice.defined(which, env=env) + [
        one for one in mdev.ListedDevice.active(which, env=env)
        if not one.is_defined]
    return by_parent(shown(one) for one in found)


def applied(before, wanted, is_started):
    """Returns what seen() will return after `wanted` is applied."""
    device, = json.loads(wanted.to_json())["devices"]
    after = {name: device[name]
             for name in ("parent", "type", "start", "attrs")}
    here = [one for one in before if one["parent"] == after["parent"]]
    active = is_started or any(one["active"] for one in here)
    after.update({"defined": True, "active": active})
    return by_parent([one for one in before if one not in here] + [after])


def expected(before, wanted, state):
    """Returns what seen() will return after the task."""
    if state == "absent":
        return []
    if wanted is not None:
        return applied(before, wanted, state == "started")
    return [{**one, "active": state == "started"} for one in before
            if one["defined"] or state == "started"]


def change(manager, which, wanted, state):
    if wanted is not None:
        manager.apply(wanted, mdev.Prune.no, mdev.ActiveDevices.apply
                      if state == "started" else mdev.ActiveDevices.leave)
    elif state == "started":
        manager.start(mdev.DeviceSpec(which))
    else:
        manager.stop(which)
        if state == "absent":
            manager.undefine(which)


def manager_of(env, given, listener):
    manager = mdev.Manager(env).with_idempotence().with_listener(listener)
    if given["if_unused"]:
        manager = manager.with_in_use(mdev.WhenInUse.refuse)
    if given["timeout"] is not None:
        if given["timeout"] < 0:
            raise Mistake("timeout: must be a number of seconds")
        manager = manager.with_timeout(given["timeout"])
    return manager


def text(devices):
    return json.dumps(devices, indent=2) + "\n"


class Task:
    """Runs the task and collects its results."""

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
            wanted = desired_state(which, given)
        manager = manager_of(env, given, self._outcomes.append)
        if self._module.check_mode:
            manager = manager.with_dry_run()
        before = seen(which, env)
        change(manager, which, wanted, given["state"])
        self.result["diff"] = {
            "before": text(before),
            "after": text(expected(before, wanted, given["state"]))}

    def results(self):
        return {
            "changed": any(one.is_changed for one in self._outcomes),
            "outcomes": [json.loads(one.to_json()) for one in self._outcomes],
            **self.result}

    def sentence(self, error):
        """Returns the error with the reasons from the log, because the error
        of several devices only counts failures."""
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
        users = [user._asdict() for user in getattr(error, "users", ())]
        if users:
            task.result["users"] = users
        module.fail_json(msg=task.sentence(error), **task.results())
    module.exit_json(**task.results())


if __name__ == "__main__":
    main()
