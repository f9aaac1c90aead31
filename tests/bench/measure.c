/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * measure ROOT TIMES PROGRAM [ARGUMENT]...
 * measure ROOT calls PROGRAM [ARGUMENT]...
 * measure ROOT show PROGRAM [ARGUMENT]...
 *
 * Runs PROGRAM with the file system ROOT TIMES times, and discards its output.
 * Prints a line for each run: wall clock and processor time in nanoseconds,
 * and peak memory in KiB. The figures include children that PROGRAM has waited
 * for.
 * `calls` prints how many system calls PROGRAM and its children make; `show`
 * prints the output of PROGRAM. Exits with 1 if PROGRAM fails.
 *
 * This program is small and in C, because the memory of a parent counts for the
 * peak of its child.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
    fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
    exit(2);
}

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long nanoseconds(struct timeval time)
{
    return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL;
}

static void run_program(char **arguments, int output)
{
    if (output >= 0) {
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
    }
    execv(arguments[0], arguments);
    _exit(127);
}

static void check_status(int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return;
    fprintf(stderr, "measure: the program ended with status 0x%x\n",
            (unsigned)status);
    exit(1);
}

static void measure_once(char **arguments, int output)
{
    struct rusage used;
    int status;
    long long begin = now(), end;
    pid_t pid = vfork();

    if (pid < 0)
        die("vfork");
    if (pid == 0)
        run_program(arguments, output);
    if (wait4(pid, &status, 0, &used) != pid)
        die("wait4");
    end = now();
    check_status(status);
    printf("%lld %lld %ld\n", end - begin,
           nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime),
           used.ru_maxrss);
}

static void go_on(pid_t pid, int signal)
{
    ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal);
}

/* Each call stops twice, except one that does not return. */
static void count_calls(char **arguments, int output)
{
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
                         PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                         PTRACE_O_EXITKILL;
    long stops = 0;
    int status, first = 1;
    pid_t pid = fork(), stopped;

    if (pid < 0)
        die("fork");
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        run_program(arguments, output);
    }
    while ((stopped = waitpid(-1, &status, __WALL)) > 0) {
        int signal = 0;
        if (!WIFSTOPPED(status)) {
            if (stopped == pid)
                check_status(status);
            continue;
        }
        if (first)
            ptrace(PTRACE_SETOPTIONS, stopped, NULL, (void *)options);
        else if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            ++stops;
        else if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP)
            signal = WSTOPSIG(status);
        first = 0;
        go_on(stopped, signal);
    }
    printf("%ld\n", (stops + 1) / 2);
}

int main(int argc, char **argv)
{
    int output;

    if (argc < 4) {
        fprintf(stderr, "usage: measure ROOT TIMES|calls|show PROGRAM ...\n");
        return 2;
    }
    if (chroot(argv[1]) != 0 || chdir("/") != 0)
        die(argv[1]);
    output = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (output < 0)
        die("/dev/null");
    dup2(output, STDIN_FILENO);
    if (strcmp(argv[2], "show") == 0)
        run_program(argv + 3, -1);
    else if (strcmp(argv[2], "calls") == 0)
        count_calls(argv + 3, output);
    else
        for (int times = atoi(argv[2]); times > 0; --times)
            measure_once(argv + 3, output);
    return 0;
}
