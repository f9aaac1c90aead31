// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints what qemu's emulation of programs lacks of Linux, for the option
// --lacks of tests/golden/run.py.
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

extern char** environ;

int main(void)
{
    char* words[] = {"nothing", NULL};
    pid_t child;
    // vfork(2) is a fork there, and the child cannot tell that execve(2) failed.
    if (posix_spawn(&child, "/nonexistent", NULL, NULL, words, environ) == 0) {
        waitpid(child, NULL, 0);
        puts("spawn-errors");
    }
    return 0;
}
