# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mediated devices of the Linux kernel: list, start, stop, store.

    import mdev

    env = mdev.Environment()
    for parent in mdev.ParentDevice.all(env):
        for kind in parent.types:
            print(parent.name, kind.id, kind.available_instances)

    manager = mdev.Manager(env)
    spec = mdev.DeviceSpec(parent="mtty", type_id="mtty-1")
    device = manager.start(spec)
    manager.stop(device.uuid)

Classes, functions and the order of arguments are those of the C++ library. A
function of C++ whose name is a noun is a property. The method to_json() of an
object returns its JSON text; list_to_json() of a class returns that of a list.

Values are Python's own: uuid.UUID (or a str), pathlib.Path (or a str),
datetime.timedelta (or seconds), enum.Enum. A name of the kernel is a str, whose
bytes are decoded like those of os.fsdecode(). A failure raises Error, which is
an OSError. Functions that read files, ask the kernel or run scripts release the
GIL, so that other threads continue.
"""
from ._errors import (
    AlreadyActive,
    AlreadyDefined,
    Ambiguous,
    CalloutRejected,
    Cancelled,
    DeviceUser,
    Error,
    Incomplete,
    InUse,
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
    ActiveDevices,
    Activity,
    AskScripts,
    CalloutAction,
    CalloutEngine,
    CalloutEvent,
    CalloutResult,
    CalloutState,
    ConfigStore,
    Definition,
    Device,
    DeviceSpec,
    DeviceStatus,
    Environment,
    Errc,
    Event,
    EventKind,
    Finding,
    Framework,
    HostDevice,
    HostState,
    JsonFormat,
    ListedDevice,
    LiveScope,
    LogLevel,
    Manager,
    MdevType,
    Monitor,
    Outcome,
    ParentDevice,
    Prune,
    RemarkKind,
    ScriptRemark,
    Severity,
    StartMode,
    StoreLock,
    WhenInUse,
    __version__,
    diagnose,
    test_script,
    uuid_from_name,
)

__all__ = [
    "ActiveDevices",
    "Activity",
    "AlreadyActive",
    "AlreadyDefined",
    "Ambiguous",
    "AskScripts",
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
    "DeviceSpec",
    "DeviceStatus",
    "DeviceUser",
    "Environment",
    "Errc",
    "Error",
    "Event",
    "EventKind",
    "Finding",
    "Framework",
    "HostDevice",
    "HostState",
    "InUse",
    "Incomplete",
    "InvalidDefinition",
    "InvalidIndex",
    "InvalidName",
    "JsonFormat",
    "ListedDevice",
    "LiveScope",
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
    "Outcome",
    "ParentDevice",
    "PartialFailure",
    "Prune",
    "RemarkKind",
    "ScriptRemark",
    "Severity",
    "StartMode",
    "StoreLock",
    "TimedOut",
    "WhenInUse",
    "__version__",
    "diagnose",
    "test_script",
    "uuid_from_name",
]
