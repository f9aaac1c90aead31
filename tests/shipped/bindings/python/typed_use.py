# SPDX-License-Identifier: LGPL-2.1-or-later
"""Code that mypy --strict must accept, and lines marked `type: ignore` that it
must refuse: an unneeded `type: ignore` is also an error. It has no code where
releases of mypy have different ones."""
import datetime
import logging
import pathlib
import selectors
import uuid
from typing import List, Optional, Tuple

import mdev

LEVELS = {
    mdev.LogLevel.error: logging.ERROR,
    mdev.LogLevel.warning: logging.WARNING,
    mdev.LogLevel.info: logging.INFO,
}


def log(level: mdev.LogLevel, message: str) -> None:
    logging.getLogger("mdev").log(LEVELS.get(level, logging.DEBUG), message)


def environments() -> mdev.Environment:
    env = mdev.Environment(
        pathlib.Path("/"), log=log, lock_timeout=1, script_timeout=2.5,
        callout_lock_timeout=60)
    env = env.with_root("/").with_lock_timeout(datetime.timedelta(seconds=1))
    env = env.with_log(None).with_cancel(None).with_cancel(0)
    limit: datetime.timedelta = env.lock_timeout
    places: List[pathlib.Path] = [env.root, *env.callout_directories]
    print(limit, places)
    mdev.Environment(1)  # type: ignore[arg-type]
    mdev.Environment("/", None)  # type: ignore
    mdev.Environment(log=print, lock_timeout="1")  # type: ignore[arg-type]
    env.root = pathlib.Path()  # type: ignore[misc]
    return env


def definitions(which: uuid.UUID) -> mdev.Definition:
    one = mdev.Definition(which, "mtty", "mtty-1", attributes=[("a", "1")])
    one = mdev.Definition(str(which), "mtty", "mtty-1",
                          start=mdev.StartMode.automatic)
    one.type_id = "mtty-2"
    one.start = mdev.StartMode.manual
    one.attributes = [*one.attributes, ("b", "2")]
    pairs: List[Tuple[str, str]] = one.attributes
    print(pairs, one.to_json(), one.uuid.hex)
    one.uuid = which  # type: ignore[misc]
    one.start = "auto"  # type: ignore[assignment]
    one.attributes = {"a": "1"}  # type: ignore
    hash(one)
    return one


def devices(env: mdev.Environment) -> Optional[mdev.Device]:
    for parent in mdev.ParentDevice.all(env):
        for kind in parent.types:
            number: int = kind.available_instances
            print(kind.id, number, kind.path / "name")
        print(parent.path / "uevent", parent.real_path / "uevent",
              parent.driver + parent.subsystem, parent.other_names)
        for device in parent.devices:
            print(device.real_path / "uevent", device.iommu_group + "",
                  device.device_files, device.attribute("uevent") + "")
        parent.resolve_type("x").id  # type: ignore[union-attr]
        found = parent.type("mtty-1")
        found.create(uuid.uuid4())  # type: ignore[union-attr]
        if found is not None:
            return found.create(uuid.uuid4())
    mdev.Device()  # type: ignore[call-arg]
    print(mdev.ParentDevice.list_to_json(
        mdev.ParentDevice.all(env), mdev.JsonFormat.compatible))
    return mdev.Device.find("11111111-2222-3333-4444-5555555555ab", env)


def stores(env: mdev.Environment, one: mdev.Definition) -> bool:
    store = mdev.ConfigStore(env)
    with store.lock() as lock:
        store.add(one, lock)
        store.save(one, lock)
        store.add(one)  # type: ignore[call-arg]
        print([each.uuid for each in store], 
              mdev.Definition.list_to_json(store.all()))
        return store.erase(one.uuid, one.parent, lock)


def engines(env: mdev.Environment, one: mdev.Definition) -> None:
    engine = mdev.CalloutEngine(env)
    result = engine.run(mdev.CalloutEvent.pre, mdev.CalloutAction.start, one)
    if result is not None and not result.is_accepted:
        status: Optional[int] = result.exit_status
        print(result.script.name, status, result.reason, result.output,
              result.errors)
    engine.post(
        result, mdev.CalloutAction.start, mdev.CalloutState.success, one)
    engine.run("pre", "start", one)  # type: ignore[arg-type]
    engine.add_attributes([one])


def commands(env: mdev.Environment, one: mdev.Definition) -> mdev.Device:
    manager = mdev.Manager(env)
    result: mdev.Outcome = manager.with_force().define(one)
    spec = mdev.DeviceSpec(parent="mtty", type_id="mtty-1",
                           start=mdev.StartMode.automatic)
    which: Optional[uuid.UUID] = spec.uuid
    spec.uuid = which  # type: ignore[misc]
    made: mdev.Definition = manager.define(spec)
    manager.define(made.uuid)  # type: ignore[call-overload]
    manager.modify(made.uuid, None,
                   lambda each: each.append_attribute("a", "1"))
    manager.modify(made)
    manager.modify(made.uuid)  # type: ignore[call-overload]
    manager.modify_live(made)
    manager.modify_live(made, mdev.LiveScope.device_and_definition)
    manager.modify_live(made, True)  # type: ignore[call-overload]
    manager.undefine(made.uuid, "mtty")
    manager.undefine(made.uuid, "mtty", True)  # type: ignore[call-arg]
    manager.start_parent("mtty", 0.5)
    manager.start_all(datetime.timedelta(seconds=1))
    manager.stop("11111111-2222-3333-4444-5555555555ab")
    manager.start(mdev.DeviceSpec(made.uuid))
    return manager.start(one)


def outcomes(env: mdev.Environment) -> List[str]:
    heard: List[mdev.Outcome] = []
    manager = mdev.Manager(env).with_listener(heard.append)
    manager = manager.with_dry_run().with_idempotence().with_wait(0.5)
    manager.with_listener(None).with_listener(print)
    manager.with_listener(log)  # type: ignore[arg-type]
    state = mdev.HostState.from_file(pathlib.Path("/dev/stdin"), env)
    manager.apply(state, mdev.Prune.yes, mdev.ActiveDevices.apply)
    manager.apply(state.to_json())  # type: ignore[arg-type]
    manager.apply(state, mdev.ActiveDevices.apply)  # type: ignore[arg-type]
    manager.with_force().start_defined("mtty")
    manager.stop_all()
    mdev.HostState()  # type: ignore[call-arg]
    for each in mdev.ListedDevice.active(ask=mdev.AskScripts.yes, env=env):
        place: Optional[pathlib.Path] = each.path
        print(place, each.definition.type_id, each.differences)
    print(mdev.ListedDevice.list_to_json(
        mdev.ListedDevice.defined(uuid.uuid4(), env=env),
        mdev.JsonFormat.flat))
    mdev.ListedDevice.defined(env)  # type: ignore[call-arg, arg-type]
    return [each.error for each in heard if each.is_changed]


def remarks(env: mdev.Environment, one: mdev.Definition) -> List[str]:
    name: uuid.UUID = mdev.uuid_from_name("gpu of vm1")
    found = mdev.test_script("/usr/bin/true", one, env)
    mdev.test_script("/usr/bin/true", name, env)  # type: ignore[arg-type]
    return [each.why for each in found
            if each.kind is mdev.RemarkKind.failure]


def events(env: mdev.Environment) -> None:
    kinds = [mdev.EventKind.definition_added]
    with mdev.Monitor(env, parent="P", uuid="1" * 32, kinds=kinds) as chosen:
        print(chosen.has_uevents)
    with mdev.Monitor(env) as monitor, selectors.DefaultSelector() as selector:
        selector.register(monitor, selectors.EVENT_READ)
        for event in monitor:
            which: Optional[uuid.UUID] = event.uuid
            start: Optional[mdev.StartMode] = event.start
            print(start, event.type_id, ", ".join(event.offered_type_ids))
            if event.kind is mdev.EventKind.overflow:
                print(which, event.parent)


def errors(env: mdev.Environment) -> str:
    try:
        mdev.Manager(env).stop(uuid.uuid4())
    except mdev.NotActive as error:
        code: Optional[mdev.Errc] = error.code
        print(code, error.subject, error.errno)
    except mdev.Error as error:
        return str(error)
    return mdev.__version__
