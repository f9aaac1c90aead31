#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What systemd and udev think of the unit and the rules, as they are installed,
where their tools are there. Prints TAP."""
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

# Of ten times the exposure that systemd-analyze calculates; at 5.0, it begins
# to say MEDIUM.
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
    """The tool, if its help speaks of all these words."""
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
    """What is tested: copies, with programs that are there."""

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
    """No @NAME@ is left for what meson knows."""
    left = [f"{name}: {word}" for name, text in files.texts.items()
            for word in re.findall(r"@[A-Z_]+@", text)]
    tap.expect(not left, "\n".join(left))


def the_unit_is_valid(files):
    """systemd finds nothing to say about it."""
    analyze = tool("systemd-analyze", "verify", "--man")
    result = run(analyze, "verify", "--man=no", files.unit)
    # Where no systemd runs, it may miss its own units.
    lines = [line for line in result.stdout.splitlines()
             if files.unit.name in line]
    tap.expect(not lines, "\n".join(lines))


def setting(text, name):
    """The value of a setting of the unit."""
    found = re.findall(rf"^{name}=(.*)$", text, flags=re.MULTILINE)
    tap.expect(len(found) == 1, f"{name}: {found}")
    return found[0]


def seconds(time):
    """10min, 2h and 30 as seconds."""
    number, unit = re.fullmatch(r"(\d+)(h|min|)", time).groups()
    return int(number) * {"h": 3600, "min": 60, "": 1}[unit]


def the_retries_end(files):
    """All starts that systemd may make fit into the interval in which it counts
    them, each with its whole time limit and 90 s to end."""
    text = files.texts["mdevctl-start-parent@.service"]
    each = (seconds(setting(text, "TimeoutStartSec")) +
            seconds(setting(text, "RestartSec")) + 90)
    starts = int(setting(text, "StartLimitBurst"))
    interval = seconds(setting(text, "StartLimitIntervalSec"))
    tap.expect(starts * each < interval, f"{starts} x {each} s, {interval} s")


def the_definitions_are_mounted(files):
    """The file system of the definitions may be mounted late."""
    text = files.texts["mdevctl-start-parent@.service"]
    path = setting(text, "RequiresMountsFor")
    tap.expect(path.endswith("/mdevctl.d"), path)


def the_unit_is_sandboxed(files):
    """As far as writing to /sys, and vendors' scripts, allow."""
    analyze = tool("systemd-analyze", "security", "--offline", "--threshold")
    result = run(analyze, "security", "--offline=true",
                 f"--threshold={THRESHOLD}", "--no-pager", files.unit)
    tap.expect(result.returncode == 0, result.stdout)


def the_rules_are_valid(files):
    """udev finds nothing to say about them."""
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
