# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs programs that must succeed."""
import subprocess

from tap import Failure


def run(*words, **options):
    """Returns the output of a program. Raises a Failure with the output if the
    program fails."""
    done = subprocess.run(
        [str(word) for word in words], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, words))}\n{done.stdout}")
    return done.stdout
