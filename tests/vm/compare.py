# SPDX-License-Identifier: LGPL-2.1-or-later
"""mdevsim against a kernel: the same operations, line by line. What they are is
said in programs/operations.c, which ones in the file operations."""
import re
import subprocess
import tempfile

from machine import HERE

# What only a kernel's tree has, and what nobody asks mdevsim for.
LEFT_OUT = re.compile(
    r"/power/(async|autosuspend_delay_ms|runtime_active_kids|runtime_enabled|"
    r"runtime_usage|wakeup\w*) ")
# Times go on.
VARIES = re.compile(r'(/power/runtime_\w+_time file 0444 4096) "\d+\\n"')


def simulated(mdevsim, operations):
    """What mdevsim answers, as lines."""
    with tempfile.TemporaryDirectory() as directory:
        result = subprocess.run(
            [mdevsim, directory, "--", operations, "--simulated", directory,
             HERE / "operations"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=120)
    return result.stdout.splitlines()


def sections(lines):
    """Yields (heading, [(operation, outcome lines)])."""
    heading, operations = "", []
    for line in lines:
        if line.startswith("# "):
            if any(lines for _, lines in operations):
                yield heading, operations
            heading, operations = line[2:], []
        elif not line.startswith("  "):
            if line:
                operations.append((line, []))
        elif operations and not LEFT_OUT.search(line):
            operations[-1][1].append(VARIES.sub(r"\1", line))
    yield heading, operations


def compare(kernel_lines, simulated_lines):
    """Yields (fact, differences): one for each section of the list."""
    kernel = dict(sections(kernel_lines))
    mdevsim = dict(sections(simulated_lines))
    for heading in dict.fromkeys([*kernel, *mdevsim]):
        yield (f"mdevsim is as the kernel: {heading}",
               list(_differences(kernel.get(heading, []),
                                 mdevsim.get(heading, []))))


def _differences(kernel, mdevsim):
    for number in range(max(len(kernel), len(mdevsim))):
        ours = mdevsim[number] if number < len(mdevsim) else ("nothing", [])
        real = kernel[number] if number < len(kernel) else ("nothing", [])
        if ours == real:
            continue
        yield real[0] if ours[0] == real[0] else f"{real[0]} / {ours[0]}"
        for line in real[1]:
            if line not in ours[1]:
                yield f"  kernel: {line.strip()}"
        for line in ours[1]:
            if line not in real[1]:
                yield f"  mdevsim:{line[1:]}"
