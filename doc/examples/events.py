# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints the present state as events, and the events of its own changes."""
import select
import sys

import mdev

env = mdev.Environment(sys.argv[1] if len(sys.argv) > 1 else "/")
monitor = mdev.Monitor(env)


def show(events):
    for event in events:
        print(event.kind.name, event.parent, event.type_id or "")


show(monitor.current())
definition = mdev.Definition(
    "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "mtty", "mtty-1",
    start=mdev.StartMode.automatic)
manager = mdev.Manager(env).with_idempotence()
manager.define(definition)
poller = select.poll()
poller.register(monitor, select.POLLIN)
while poller.poll(200):
    show(monitor.read())
manager.undefine(definition.uuid)
