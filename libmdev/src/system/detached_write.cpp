// SPDX-License-Identifier: LGPL-2.1-or-later
#include "detached_write.hpp"

#include "signals_blocked.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mdev {

namespace {

/// The name of the process in ps(1) and in the kernel's log.
constexpr const char* process_name = "mdevctl-remove";

// The functions below run in a copy of a process that may have had threads:
// another thread may have held any lock of the C library. So they make only
// system calls.

[[noreturn]] void end_process()
{
    for (;;)
        syscall(SYS_exit_group, 0);
}

bool close_between(unsigned first, unsigned last)
{
    return first > last || syscall(SYS_close_range, first, last, 0U) == 0;
}

/// If another process waits for a descriptor to be closed (a lock, or the end
/// of a pipe), no copy of the descriptor may stay open during the write.
bool close_all_but(int a, int b)
{
    const auto low = static_cast<unsigned>(std::min(a, b));
    const auto high = static_cast<unsigned>(std::max(a, b));
    return (low == 0 || close_between(0, low - 1)) &&
        close_between(low + 1, high - 1) && close_between(high + 1, UINT_MAX);
}

[[noreturn]] void write_and_report(
    int file, int report, const char* value, std::size_t size)
{
    DetachedWrite::End end;
    if (close_all_but(file, report)) {
        syscall(SYS_prctl, PR_SET_NAME, process_name, 0, 0, 0);
        syscall(SYS_chdir, "/");
        end.is_begun = 1;
        end.written = syscall(SYS_write, file, value, size);
        end.error = errno;
    }
    syscall(SYS_write, report, &end, sizeof end);
    end_process();
}

/// The child exits at once. Its own child writes, and has no parent to reap it.
[[noreturn]] void leave_a_writer(
    int file, int report, const char* value, std::size_t size)
{
    const auto writer = _Fork();
    if (writer == 0)
        write_and_report(file, report, value, size);
    if (writer < 0) {
        const DetachedWrite::End end;
        syscall(SYS_write, report, &end, sizeof end);
    }
    end_process();
}

}

std::optional<DetachedWrite> DetachedWrite::begin(
    int file, std::string_view value) noexcept
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        return {};
    FileDescriptor reads(ends[0]);
    const FileDescriptor writes(ends[1]);
    pid_t child = -1;
    {
        const SignalsBlocked blocked;
        // Not fork(2): the handlers of pthread_atfork(3) are for a child that
        // continues to run the program.
        child = _Fork();
        if (child == 0)
            leave_a_writer(file, writes.number(), value.data(), value.size());
    }
    if (child < 0)
        return {};
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {}
    return DetachedWrite(std::move(reads));
}

DetachedWrite::End DetachedWrite::end() const noexcept
{
    End end;
    ssize_t got = 0;
    do
        got = read(report_.number(), &end, sizeof end);
    while (got < 0 && errno == EINTR);
    // The process was killed before it could report.
    return got == static_cast<ssize_t>(sizeof end) ? end : End{-1, EINTR, 1};
}

}
