# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mediated devices of the Linux kernel: list, start, stop, store.

    import mdev

    env = mdev.Environment()
    for parent in mdev.ParentDevice.all(env):
        for kind in parent.types:
            print(parent.name, kind.id, kind.available_instances)

    manager = mdev.Manager(env)
    device = manager.start(parent="0000:00:02.0", type="i915-GVTg_V5_4")
    manager.stop(device.uuid)

Values cross as Python's own: uuid.UUID (a str will do), pathlib.Path,
datetime.timedelta (float seconds will do), enum.Enum, and str for whatever
bytes the kernel has in a name, as os.fsdecode() makes it. What goes wrong is
Error, which is an OSError. Whatever touches files, asks the kernel or runs
scripts lets other threads go on.
"""
from ._errors import (
    AlreadyActive,
    AlreadyDefined,
    Ambiguous,
    CalloutRejected,
    Cancelled,
    Error,
    Incomplete,
    InvalidDefinition,
    InvalidIndex,
    InvalidName,
    LockHeld,
    NoInstanceLeft,
    NoSuchParent,
    NoSuchType,
    NotActive,
    NotDefined,
    NotSupported,
    PartialFailure,
    TimedOut,
)
from ._mdev import (
    CalloutAction,
    CalloutEngine,
    CalloutEvent,
    CalloutResult,
    CalloutState,
    ConfigStore,
    Definition,
    Device,
    DeviceStatus,
    Environment,
    Errc,
    Event,
    EventKind,
    Finding,
    LogLevel,
    Manager,
    MdevType,
    Monitor,
    ParentDevice,
    Severity,
    StartMode,
    StoreLock,
    __version__,
    diagnose,
    findings_json,
    list_json,
    status_json,
    types_json,
)

__all__ = [
    "AlreadyActive",
    "AlreadyDefined",
    "Ambiguous",
    "CalloutAction",
    "CalloutEngine",
    "CalloutEvent",
    "CalloutRejected",
    "CalloutResult",
    "CalloutState",
    "Cancelled",
    "ConfigStore",
    "Definition",
    "Device",
    "DeviceStatus",
    "Environment",
    "Errc",
    "Error",
    "Event",
    "EventKind",
    "Finding",
    "Incomplete",
    "InvalidDefinition",
    "InvalidIndex",
    "InvalidName",
    "LockHeld",
    "LogLevel",
    "Manager",
    "MdevType",
    "Monitor",
    "NoInstanceLeft",
    "NoSuchParent",
    "NoSuchType",
    "NotActive",
    "NotDefined",
    "NotSupported",
    "ParentDevice",
    "PartialFailure",
    "Severity",
    "StartMode",
    "StoreLock",
    "TimedOut",
    "__version__",
    "diagnose",
    "findings_json",
    "list_json",
    "status_json",
    "types_json",
]
