# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the JSON Schema of state files accepts the same files as
`mdevctl diff`. Prints TAP.

schema.py --mdevctl PROGRAM --jsonschema PROGRAM"""
import argparse
import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

SCHEMA = pathlib.Path(__file__).resolve().parents[3] / "data/host.schema.json"
UUID = "11111111-2222-3333-4444-555555555501"
DEVICE = {"uuid": UUID, "parent": "P", "type": "T"}
FILE = {"mdev_type": "T", "start": "auto", "attrs": [{"a": "1"}], "mine": 1}
NAMED = {"name": "vm1", "parent": "P", "type": "T"}


def document(*devices, **members):
    return {"version": 1, "devices": list(devices), **members}


def without(device, member):
    return {key: value for key, value in device.items() if key != member}


GOOD = {
    "nothing": document(),
    "a device": document(DEVICE),
    "a named device": document(NAMED),
    "two": document(DEVICE, NAMED),
    "a namespace": document(NAMED, namespace=UUID),
    "a UUID without hyphens": document({**DEVICE, "uuid": UUID.replace("-", "")}),
    "a UUID in braces": document({**DEVICE, "uuid": "{" + UUID + "}"}),
    "a URN": document({**DEVICE, "uuid": "urn:uuid:" + UUID}),
    "an empty list": [],
    "a list of definitions": [{"P": [{UUID: FILE}]}],
    "everything": document({
        **DEVICE, "start": "auto", "attrs": [{"a": "1"}, {"a": "2"}],
        "defined": True, "active": False, "others": {"mine": [1, None]}}),
}
BAD = {
    "a list of no parents": [1],
    "a list of devices by name": [{"P": {UUID: FILE}}],
    "a list with no UUID": [{"P": [{"1": FILE}]}],
    "a list without a type": [{"P": [{UUID: {"start": "auto"}}]}],
    "a list without a start": [{"P": [{UUID: {"mdev_type": "T"}}]}],
    "no version": {"devices": []},
    "another version": {**document(), "version": 2},
    "a version in words": {**document(), "version": "1"},
    "no devices": {"version": 1},
    "devices by name": {**document(), "devices": {"a": DEVICE}},
    "an unknown member": document(host="a"),
    "an invalid namespace": document(namespace="vm"),
    "an invalid device": document(1),
    "neither UUID nor name": document(without(DEVICE, "uuid")),
    "UUID and name": document({**DEVICE, **NAMED}),
    "no UUID": document({**DEVICE, "uuid": "1"}),
    "a UUID with a hyphen too many": document({**DEVICE, "uuid": UUID + "-"}),
    "no parent": document(without(DEVICE, "parent")),
    "no type": document(without(DEVICE, "type")),
    "a number for a type": document({**DEVICE, "type": 1}),
    "an empty parent": document({**DEVICE, "parent": ""}),
    "an unknown start": document({**DEVICE, "start": "always"}),
    "attributes by name": document({**DEVICE, "attrs": {"a": "1"}}),
    "two attributes in one": document(
        {**DEVICE, "attrs": [{"a": "1", "b": "2"}]}),
    "an empty attribute": document({**DEVICE, "attrs": [{}]}),
    "a number for an attribute": document({**DEVICE, "attrs": [{"a": 1}]}),
    "a word for a truth value": document({**DEVICE, "active": "yes"}),
    "unknown members that are not an object": document(
        {**DEVICE, "others": []}),
    "a misspelled member": document({**DEVICE, "strat": "auto"}),
}


def run(words, root):
    return subprocess.run(
        words, env={**os.environ, "MDEVCTL_ENV_ROOT": str(root)}, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)


def judge(given, root, content, is_good):
    """Checks that schema and program accept a state file if it is good."""
    path = root / "host.json"
    path.write_text(json.dumps(content))
    schema = run([given.jsonschema, "-i", path, SCHEMA], root)
    program = run([given.mdevctl, "diff", path], root)
    # The host has no devices, so differences are allowed.
    verdicts = (schema.returncode == 0, program.returncode in (0, 20))
    tap.expect(verdicts == (is_good, is_good),
               f"schema and program: {verdicts}\n"
               f"{schema.stdout}{program.stdout}")


def exported(given, root):
    store = root / "etc/mdevctl.d/P"
    store.mkdir(parents=True)
    (store / UUID).write_text(json.dumps(
        {"mdev_type": "T", "start": "auto", "attrs": [{"a": "1"}], "x": {}}))
    return json.loads(run([given.mdevctl, "export"], root).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevctl", required=True, type=os.path.abspath)
    parser.add_argument("--jsonschema", required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mdevctl-schema-") as name:
        root = pathlib.Path(name)
        cases = [(title, content, True) for title, content in GOOD.items()]
        cases += [(title, content, False) for title, content in BAD.items()]
        cases.append(("the exported state", exported(given, root), True))
        return tap.run([
            (f"{title} is {'accepted' if is_good else 'refused'}",
             functools.partial(judge, given, root, content, is_good))
            for title, content, is_good in cases])


if __name__ == "__main__":
    sys.exit(main())
