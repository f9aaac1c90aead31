# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several writers change one store at the same time. All changes are stored."""
import collections
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import store as stores  # noqa: E402
from tap import expect  # noqa: E402

UUID = stores.uuid(1)


def finish(processes):
    """Returns the exit statuses. A successful command must print nothing."""
    statuses = []
    for process in processes:
        with process:
            _, stderr = process.communicate()
        statuses.append(process.returncode)
        expect(process.returncode != 0 or not stderr, stderr)
    return statuses


def every_attribute_arrives(store, options):
    """each of many modify --addattr at the same time succeeds and is stored"""
    store.run("define", "-u", UUID, "-p", "P", "-t", "T")
    for turn in range(options.rounds):
        added = [f"a{turn}.{i}" for i in range(options.writers)]
        statuses = finish([
            store.start("modify", "-u", UUID, "--addattr", name, "--value", "x")
            for name in added])
        expect(not any(statuses), f"exit statuses {statuses}")
        attributes = store.definition(UUID)["attrs"]
        names = [name for attribute in attributes for name in attribute]
        expect(sorted(names) == sorted(added),
               f"{len(names)} of {len(added)} attributes: {names}")
        finish([store.start("modify", "-u", UUID, "--delattr")
                for _ in range(options.writers)])
        expect(store.definition(UUID)["attrs"] == [],
               "not every --delattr has removed an attribute")
    expect(store.files() == [f"P/{UUID}"], store.files())


def one_define_wins(store, options):
    """of many define at the same time one succeeds, and the others print the
    reason"""
    for turn in range(options.rounds):
        uuid = stores.uuid(100 + turn)
        statuses = collections.Counter(finish([
            store.start("define", "-u", uuid, "-p", "P", "-t", f"T{i}")
            for i in range(options.writers)]))
        expect(statuses == {0: 1, 5: options.writers - 1}, statuses)


def directories_come_and_go(store, options):
    """define and undefine of one parent's devices do not affect each other"""
    for _ in range(options.rounds):
        uuids = [stores.uuid(i) for i in range(options.writers)]
        statuses = finish([
            store.start("define", "-u", uuid, "-p", "P", "-t", "T")
            for uuid in uuids])
        expect(not any(statuses), f"define: {statuses}")
        kept = uuids[::2]
        statuses = finish([store.start("undefine", "-u", uuid)
                           for uuid in uuids if uuid not in kept])
        expect(not any(statuses), f"undefine: {statuses}")
        expect(sorted(store.listed()["P"]) == kept, "the list")
        both = [store.start("undefine", "-u", uuid) for uuid in kept] + \
            [store.start("define", "-u", uuid, "-p", "P", "-t", "T")
             for uuid in uuids if uuid not in kept]
        statuses = finish(both)
        expect(not any(statuses), f"both: {statuses}")
        finish([store.start("undefine", "-u", uuid)
                for uuid in uuids if uuid not in kept])
        expect(store.files() == [], store.files())
        expect(not (store.definitions / "P").exists(), "P stays behind")


def add_options(parser):
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--writers", type=int, default=40)


sys.exit(stores.main(
    __doc__, [every_attribute_arrives, one_define_wins,
              directories_come_and_go], add_options))
