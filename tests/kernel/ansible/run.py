#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the Ansible module in playbooks, on a simulated kernel. The package
mdev is the one in PYTHONPATH. Prints TAP.

run.py --mdevsim PROGRAM --python PROGRAM [TEST...]"""
import argparse
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import simulated  # noqa: E402
import tap  # noqa: E402

COLLECTION = pathlib.Path(__file__).resolve().parents[3] / "bindings/ansible"
GUIDE = pathlib.Path(__file__).resolve().parents[3] / "doc/guide"
MODULE = COLLECTION / "plugins/modules/device.py"
NAME = "mdevctl.mdev.device"
LIMIT = 300  # seconds; a playbook takes a few
UUID = "11111111-2222-3333-4444-5555555555ab"
DEVICE = {"uuid": UUID, "parent": "mtty", "type": "mtty-1"}


class Host:
    """The root directory of a system whose sys/ is a simulated kernel, and an
    Ansible with the collection."""

    def __init__(self, path, python):
        self.path = path
        self.python = python
        place = path / "collections/ansible_collections/mdevctl"
        place.mkdir(parents=True)
        (place / "mdev").symlink_to(COLLECTION)
        (path / "root/sys").mkdir(parents=True)
        self.root = path / "root"

    def run(self, *words):
        environment = dict(
            os.environ, HOME=str(self.path), LC_ALL="C.UTF-8",
            ANSIBLE_HOME=str(self.path / "home"),
            ANSIBLE_COLLECTIONS_PATH=str(self.path / "collections"),
            ANSIBLE_NOCOLOR="1", ANSIBLE_LOCALHOST_WARNING="0",
            ANSIBLE_RETRY_FILES_ENABLED="0")
        return subprocess.run(
            list(map(str, words)), env=environment, cwd=self.path, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, timeout=LIMIT)

    def play(self, *tasks, options=(), fails=False):
        """Runs these tasks. Returns their results and the printed text."""
        steps = []
        for number, task in enumerate(tasks):
            steps.append({NAME: {"root": str(self.root), **task},
                          "register": "result", "ignore_errors": fails})
            steps.append({
                "ansible.builtin.copy": {
                    "content": "{{ result | to_json }}",
                    "dest": str(self.path / f"result{number}")},
                "check_mode": False, "diff": False, "changed_when": False})
        playbook = self.path / "playbook.json"
        playbook.write_text(json.dumps([{
            "hosts": "localhost", "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": str(self.python)},
            "tasks": steps}]))
        done = self.run("ansible-playbook", "-i", "localhost,", *options,
                        playbook)
        assert done.returncode == 0, done.stdout
        return [json.loads((self.path / f"result{number}").read_text())
                for number in range(len(tasks))], done.stdout

    def changed(self, printed):
        return int(re.search(r"changed=(\d+)", printed)[1])

    def file(self, which=UUID):
        return self.root / "etc/mdevctl.d/mtty" / which

    def definition(self):
        return json.loads(self.file().read_text())

    def runs(self, which=UUID):
        return (self.root / "sys/bus/mdev/devices" / which).exists()


def tasks_of(host, text):
    """Reads tasks in YAML, with the interpreter that runs Ansible."""
    return json.loads(subprocess.run(
        [host.python, "-c", "import json, sys, yaml; "
         "print(json.dumps(yaml.safe_load(sys.stdin)))"], check=True, text=True,
        input=text, stdout=subprocess.PIPE).stdout)


def same(actual, wanted):
    assert actual == wanted, f"{actual!r} is not {wanted!r}"


def operations(result):
    """The operations of a task: "start+" for a change, "stop" for none."""
    return " ".join(one["action"] + "+" * one["changed"]
                    for one in result["outcomes"])


def the_second_run_changes_nothing(host):
    task = {**DEVICE, "state": "started", "auto": True,
            "attrs": [{"power/control": "on"}]}

    (first, second), printed = host.play(task, task)

    same((operations(first), first["changed"]), ("define+ start+", True))
    same((operations(second), second["changed"]), ("modify start", False))
    same(host.changed(printed), 1)
    same(first["uuid"], UUID)
    same(host.definition(), {"mdev_type": "mtty-1", "start": "auto",
                             "attrs": [{"power/control": "on"}]})
    assert host.runs()


def each_state_is_established(host):
    results, _ = host.play(
        {**DEVICE, "state": "present"},
        {"uuid": UUID, "state": "started"},
        {**DEVICE, "auto": True},
        {"uuid": UUID, "state": "stopped"},
        {"uuid": UUID, "state": "stopped"},
        {"uuid": UUID.upper(), "state": "started"},
        {"uuid": UUID, "state": "absent"},
        {"uuid": UUID, "state": "absent"})

    same([operations(one) for one in results], [
        "define+", "start+", "modify+", "stop+", "stop", "start+",
        "stop+ undefine+", "stop undefine"])
    same([one["changed"] for one in results],
         [True, True, True, True, False, True, True, False])
    assert not host.runs() and not host.file().exists()


def check_mode_changes_nothing(host):
    (define, start), _ = host.play(
        DEVICE, {**DEVICE, "state": "started"}, options=["--check"])
    same((operations(define), operations(start)), ("define+", "define+ start+"))
    assert not (host.root / "etc").exists() and not host.runs()

    host.play({**DEVICE, "state": "started"})
    (change, stop, away), _ = host.play(
        {**DEVICE, "auto": True}, {"uuid": UUID, "state": "stopped"},
        {"uuid": UUID, "state": "absent"}, options=["--check"])

    same([operations(one) for one in (change, stop, away)],
         ["modify+", "stop+", "stop+ undefine+"])
    assert all(one["changed"] for one in (change, stop, away))
    same(host.definition()["start"], "manual")
    assert host.runs()


def the_difference_is_shown(host):
    tasks = [{**DEVICE, "attrs": {"power/control": "on"}},
             {**DEVICE, "state": "started"},
             {"uuid": UUID, "state": "stopped"},
             {"uuid": UUID, "state": "absent"}]

    results, printed = host.play(*tasks, options=["--diff"])

    assert '+    "type": "mtty-1"' in printed, printed
    states = [json.loads(one["diff"]["before"]) for one in results]
    states.append([])
    first, second, third = (one[0] for one in states[1:4])
    same(states[0], [])
    same(first, {"parent": "mtty", "type": "mtty-1", "start": "manual",
                 "attrs": [{"power/control": "on"}], "defined": True,
                 "active": False})
    same(second, {**first, "attrs": [], "active": True})
    same(third, {**first, "attrs": []})
    # The predicted states are the states that the next tasks find.
    same([json.loads(one["diff"]["after"]) for one in results], states[1:])


def a_dry_run_shows_the_same_difference(host):
    task = {**DEVICE, "state": "started", "auto": True}

    (predicted,), _ = host.play(task, options=["--check", "--diff"])
    (done,), _ = host.play(task, options=["--diff"])
    (again,), printed = host.play(task, options=["--check", "--diff"])

    same(predicted["diff"], done["diff"])
    same(again["diff"]["before"], again["diff"]["after"])
    same(host.changed(printed), 0)


def the_uuid_is_derived_from_the_name(host):
    space = uuid.uuid5(uuid.NAMESPACE_DNS, "mdevctl")
    which = str(uuid.uuid5(space, "vm1"))
    device = {"parent": "mtty", "type": "mtty-1"}

    (made, again), _ = host.play(
        {**device, "name": "vm1"}, {**device, "uuid": which})

    same((made["uuid"], again["changed"]), (which, False))
    assert host.file(which).exists()


def an_error_is_a_failed_task(host):
    host.play({**DEVICE, "state": "started"})
    sentences = {
        "there is no parent": (
            {**DEVICE, "uuid": UUID[:-1] + "c", "parent": "none",
             "state": "started"},
            "none"),
        "active with another type": (
            {**DEVICE, "type": "mtty-2", "state": "started"},
            "it is active on mtty with type mtty-1; stop it first"),
        "not defined": (
            {"name": "nobody", "state": "started"}, "it is not defined"),
        "a bad name": ({**DEVICE, "type": "../x"}, "../x"),
        "no UUID": ({"uuid": "x", "state": "absent"}, "'x' is not a UUID"),
        "no type": ({"uuid": UUID, "parent": "mtty"}, "type is missing"),
        "a truth value": ({**DEVICE, "attrs": [{"a": True}]}, "in quotes"),
        "two names": ({**DEVICE, "attrs": [{"a": 1, "b": 2}]}, "one member"),
        "nothing": ({"state": "absent"}, "one of the following is required"),
        "both": ({**DEVICE, "name": "x"}, "mutually exclusive"),
    }

    results, printed = host.play(
        *[task for task, _ in sentences.values()], fails=True)

    for (what, (_, words)), result in zip(sentences.items(), results):
        assert result["failed"] and not result["changed"], (what, result)
        assert words in result["msg"], (what, result["msg"])
        assert "Traceback" not in json.dumps(result), (what, result)
    same(host.changed(printed), 0)
    same(host.definition()["mdev_type"], "mtty-1")


def a_device_in_use_is_not_stopped(host):
    host.play({**DEVICE, "state": "started"})
    link = host.root / "sys/bus/mdev/devices" / UUID / "iommu_group"
    process = host.root / "proc/172"
    (process / "fd").mkdir(parents=True)
    (process / "comm").write_text("qemu\n")
    (process / "fd/5").symlink_to(f"/dev/vfio/{link.readlink().name}")
    stop = {"uuid": UUID, "state": "stopped"}

    refused, negative = host.play(
        {**stop, "if_unused": True}, {**stop, "timeout": -1}, fails=True)[0]

    same(refused["users"], [{"pid": 172, "command": "qemu"}])
    assert "in use by process 172 (qemu)" in refused["msg"], refused
    assert "a number of seconds" in negative["msg"], negative
    assert host.runs()
    host.play({**stop, "timeout": 60})
    assert not host.runs()


def a_virtual_function_is_a_parent(host):
    gpu = {"uuid": UUID, "parent": "0000:41:00.4", "type": "NVIDIA L40S-1Q",
           "state": "started", "attrs": [{"nvidia/vgpu_params": "a=1"}]}
    vendor = host.root / "sys/bus/pci/devices/0000:41:00.4/nvidia"

    results, _ = host.play(gpu, gpu, {"uuid": UUID, "state": "absent"})

    same([operations(result) for result in results],
         ["define+ start+", "modify start", "stop+ undefine+"])
    same((vendor / "current_vgpu_type").read_text(), "0\n")


def a_function_of_another_program_is_not_changed(host):
    function = host.root / "sys/bus/pci/devices/0000:41:00.4"
    current = function / "nvidia/current_vgpu_type"
    gpu = {"uuid": UUID, "parent": "0000:41:00.4", "type": "nvidia-1147"}
    process = host.root / "proc/172"
    (process / "fd").mkdir(parents=True)
    (process / "comm").write_text("qemu\n")
    link = function / "iommu_group"

    host.play({**gpu, "state": "started"})
    (process / "fd/5").symlink_to(f"/dev/vfio/{link.readlink().name}")
    (refused,), _ = host.play({**gpu, "state": "stopped"}, fails=True)
    same(refused["users"], [{"pid": 172, "command": "qemu"}])
    same(current.read_text(), "1147\n")
    (process / "fd/5").unlink()
    current.write_text("0")
    current.write_text("1148")
    results, _ = host.play({**gpu, "state": "stopped"})
    assert not results[0]["changed"], results
    (taken,), _ = host.play({**gpu, "state": "started"}, fails=True)
    assert "already has type nvidia-1148" in taken["msg"], taken
    same(current.read_text(), "1148\n")


def a_refusal_has_its_reason(host):
    script = host.root / "etc/mdevctl.d/scripts.d/callouts/vendor"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\n[ \"$4-$6\" != pre-start ] && exit 0\n"
                      "echo 'the card is too hot' >&2\nexit 1\n")
    script.chmod(0o755)

    (result,), _ = host.play({**DEVICE, "state": "started"}, fails=True)

    assert result["failed"] and "vendor refused" in result["msg"], result
    assert "the card is too hot" in result["warnings"][0], result
    # The result also lists the operations before the failure.
    same((operations(result), result["changed"]), ("define+ start", True))
    assert result["outcomes"][1]["error"] in result["msg"], result


def a_warning_is_shown_by_ansible(host):
    (result,), _ = host.play({**DEVICE, "type": "mtty-9"})

    assert "mtty-9" in result["warnings"][0], result


def the_documented_tasks_work(host):
    """The task of the guide on mtty, and the syntax of README's."""
    text = (GUIDE / "fleet.md").read_text().split("```yaml\n")[1]
    task = tasks_of(host, text.split("```")[0])[0][NAME]

    (result,), _ = host.play(task)

    same((operations(result), result["uuid"]), (
        "define+ start+", "70c70ce8-0b99-56b1-a83f-8394814dcd7d"))
    readme = (COLLECTION / "README.md").read_text()
    block, = re.findall(r"(?:^    .*\n)+", readme, re.M)[:1]
    assert NAME in tasks_of(host, block)[0], block


def the_collection_installs_from_the_sources(host):
    # --force: newer releases also look for the collection in the sources.
    done = host.run("ansible-galaxy", "collection", "install", "--force",
                    COLLECTION, "-p", host.path / "installed")

    assert done.returncode == 0, done.stdout
    place = host.path / "installed/ansible_collections/mdevctl/mdev"
    same((place / "plugins/modules/device.py").read_bytes(),
         MODULE.read_bytes())
    assert not (place / "meson.build").exists()


def the_manual_documents_the_options(host):
    done = host.run("ansible-doc", "--json", "-t", "module", NAME)
    said = json.loads(done.stdout)[NAME]
    asked = subprocess.run(
        [host.python, "-c", "import device, json, yaml; "
         "print(json.dumps([device.ARGUMENTS, "
         "yaml.safe_load(device.EXAMPLES)]))"], check=True, text=True,
        env=dict(os.environ, PYTHONPATH=f"{MODULE.parent}",
                 PYTHONDONTWRITEBYTECODE="1"),
        stdout=subprocess.PIPE)
    arguments, examples = json.loads(asked.stdout)

    same({name: {key: value for key, value in option.items()
                 if key not in ("description", "version_added")}
          for name, option in said["doc"]["options"].items()},
         arguments)
    assert said["return"].keys() >= {"uuid", "outcomes"}
    # YAML reads an unquoted address as a number.
    for task in examples:
        for name, value in task.get(NAME, {}).items():
            assert arguments[name]["type"] != "str" or isinstance(value, str), (
                name, value)
    playbook = host.path / "examples.yml"
    playbook.write_text("- hosts: localhost\n  tasks:\n" + "".join(
        f"    {line}\n" for line in said["examples"].splitlines()))
    done = host.run("ansible-playbook", "--syntax-check", playbook)
    assert done.returncode == 0, done.stdout


TESTS = [the_second_run_changes_nothing, each_state_is_established,
         check_mode_changes_nothing, the_difference_is_shown,
         a_dry_run_shows_the_same_difference, the_uuid_is_derived_from_the_name,
         an_error_is_a_failed_task, a_device_in_use_is_not_stopped,
         a_virtual_function_is_a_parent,
         a_function_of_another_program_is_not_changed,
         a_refusal_has_its_reason,
         a_warning_is_shown_by_ansible,
         the_documented_tasks_work,
         the_collection_installs_from_the_sources,
         the_manual_documents_the_options]


@contextlib.contextmanager
def two_parents(mdevsim, directory):
    with simulated.kernel(
            mdevsim, directory, "--parent", "mtty=mtty",
            "--parent", "0000:41:00.0=nvidia-vfio:1") as process:
        try:
            yield
        finally:
            process.terminate()


def make(test, given):
    with tempfile.TemporaryDirectory() as name:
        host = Host(pathlib.Path(name), given.python)
        with two_parents(given.mdevsim, host.root / "sys"):
            test(host)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mdevsim", type=pathlib.Path, required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("tests", nargs="*",
                        help="the tests to run; all by default")
    given = parser.parse_args()
    if not shutil.which("ansible-playbook"):
        tap.skip_all("no ansible-playbook")
    tap.skip_all_without_fuse()
    return tap.run([
        (tap.title_of(test), functools.partial(make, test, given))
        for test in TESTS if not given.tests or test.__name__ in given.tests])


sys.exit(main())
