#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the installed unit and rules with the tools of systemd and udev, if
these tools are installed. Prints TAP."""
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import tap  # noqa: E402

# Ten times the exposure that systemd-analyze calculates. From 5.0 on, the tool
# calls the exposure MEDIUM.
THRESHOLD = "45"
LIMIT = 60  # seconds


def run(*words):
    environment = dict(os.environ, LC_ALL="C", SYSTEMD_COLORS="0",
                       SYSTEMD_PAGER="")
    return subprocess.run(
        list(map(str, words)), stdin=subprocess.DEVNULL, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", check=False, timeout=LIMIT)


def tool(name, *words):
    """Returns the tool, if its help contains all these words."""
    found = shutil.which(name, path=os.environ.get("PATH", "") +
                         ":/usr/bin:/bin:/usr/sbin:/sbin")
    if not found:
        raise tap.Skip(f"no {name}")
    text = run(found, "--help").stdout
    for word in words:
        if word not in text:
            raise tap.Skip(f"{name} knows no {word}")
    return found


class Files:
    """The tested files: copies, with programs that exist."""

    def __init__(self, unit, rules, directory):
        text = unit.read_text()
        self.texts = {unit.name: text}
        self.texts.update((rule.name, rule.read_text()) for rule in rules)
        self.unit = directory / unit.name.replace("@", "@sys-devices-mtty")
        self.unit.write_text(re.sub(
            r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", text,
            flags=re.MULTILINE))
        self.rules = rules


def every_path_is_filled_in(files):
    """The files contain no @NAME@ that meson should have replaced."""
    left = [f"{name}: {word}" for name, text in files.texts.items()
            for word in re.findall(r"@[A-Z_]+@", text)]
    tap.expect(not left, "\n".join(left))


def the_unit_is_valid(files):
    """systemd reports no problem in the unit."""
    analyze = tool("systemd-analyze", "verify", "--man")
    result = run(analyze, "verify", "--man=no", files.unit)
    # On a host without systemd, the tool may report missing units of systemd.
    lines = [line for line in result.stdout.splitlines()
             if files.unit.name in line]
    tap.expect(not lines, "\n".join(lines))


def setting(text, name):
    """Returns the value of a setting of the unit."""
    found = re.findall(rf"^{name}=(.*)$", text, flags=re.MULTILINE)
    tap.expect(len(found) == 1, f"{name}: {found}")
    return found[0]


def seconds(time):
    """Returns 10min, 2h and 30 as seconds."""
    number, unit = re.fullmatch(r"(\d+)(h|min|)", time).groups()
    return int(number) * {"h": 3600, "min": 60, "": 1}[unit]


def the_retries_end(files):
    """All starts that systemd may make fit into its interval for counting
    starts, even if each takes its whole time limit and 90 s to end."""
    text = files.texts["mdevctl-start-parent@.service"]
    each = (seconds(setting(text, "TimeoutStartSec")) +
            seconds(setting(text, "RestartSec")) + 90)
    starts = int(setting(text, "StartLimitBurst"))
    interval = seconds(setting(text, "StartLimitIntervalSec"))
    tap.expect(starts * each < interval, f"{starts} x {each} s, {interval} s")


def the_definitions_are_mounted(files):
    """The unit requires the file system of the definitions to be mounted."""
    text = files.texts["mdevctl-start-parent@.service"]
    path = setting(text, "RequiresMountsFor")
    tap.expect(path.endswith("/mdevctl.d"), path)


def the_unit_is_sandboxed(files):
    """The unit has all restrictions that allow writes to /sys and vendors'
    scripts."""
    analyze = tool("systemd-analyze", "security", "--offline", "--threshold")
    result = run(analyze, "security", "--offline=true",
                 f"--threshold={THRESHOLD}", "--no-pager", files.unit)
    tap.expect(result.returncode == 0, result.stdout)


def the_rules_are_valid(files):
    """udev reports no problem in the rules."""
    udevadm = tool("udevadm", "verify")
    result = run(udevadm, "verify", *files.rules)
    tap.expect(result.returncode == 0, result.stdout)


def main():
    unit, *rules = map(pathlib.Path, sys.argv[1:])
    tests = [every_path_is_filled_in, the_unit_is_valid, the_retries_end,
             the_definitions_are_mounted, the_unit_is_sandboxed,
             the_rules_are_valid]
    with tempfile.TemporaryDirectory() as directory:
        files = Files(unit, rules, pathlib.Path(directory))
        return tap.run([(tap.title_of(test), functools.partial(test, files))
                        for test in tests])


if __name__ == "__main__":
    sys.exit(main())
