# SPDX-License-Identifier: LGPL-2.1-or-later
"""Starts a device, lists the active devices, and stops the device."""
import sys

import mdev

env = mdev.Environment(sys.argv[1] if len(sys.argv) > 1 else "/")
manager = mdev.Manager(env)
try:
    device = manager.start(mdev.DeviceSpec(parent="mtty", type_id="mtty-1"))
    for active in mdev.Device.all(env):
        print(active.type_id, "on", active.parent)
    manager.stop(device.uuid)
except mdev.NoInstanceLeft:
    print("mtty has no available instance")
except mdev.Error as error:
    sys.exit(str(error))
