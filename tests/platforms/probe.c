// SPDX-License-Identifier: LGPL-2.1-or-later
// Prints which features of Linux qemu's emulation of programs lacks, for the
// option --lacks of tests/golden/run.py.
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char** environ;

int main(void)
{
    char* words[] = {"nothing", NULL};
    pid_t child;
    // In the emulation vfork(2) is a fork, so the child cannot report that
    // execve(2) failed.
    if (posix_spawn(&child, "/nonexistent", NULL, NULL, words, environ) == 0) {
        waitpid(child, NULL, 0);
        fputs("spawn-errors ", stdout);
    }
    // In the emulation a process has the name of the emulator.
    char name[32] = "";
    FILE* file = fopen("/proc/self/comm", "r");
    if (file && fgets(name, sizeof name, file) && strcmp(name, "probe\n") != 0)
        fputs("process-names", stdout);
    return 0;
}
