# SPDX-License-Identifier: LGPL-2.1-or-later
"""The simulated kernel in the background."""
import subprocess

from tap import Failure


def kernel(mdevsim, mount, *words):
    """Returns the process of mdevsim, which has mounted the kernel. The caller
    ends it by terminate()."""
    process = subprocess.Popen([mdevsim, mount, *words],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if process.stdout.readline() != b"ready\n":
        raise Failure(f"mdevsim does not start: status {process.wait()}")
    return process
