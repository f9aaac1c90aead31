// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mdev::test {

namespace {

/// No tested code makes this call, which marks where `work` begins and ends.
constexpr long mark = SYS_getppid;

constexpr int refused = 3;

[[noreturn]] void be_traced(
    const std::function<void()>& work, const std::function<void()>& undo)
{
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
        _exit(refused);
    raise(SIGSTOP);
    try {
        work();
        undo();
        syscall(mark);
        work();
        syscall(mark);
        undo();
    } catch (const std::exception& error) {
        const std::string text = error.what() + std::string("\n");
        _exit(write(STDERR_FILENO, text.data(), text.size()) > 0 ? 1 : 2);
    }
    _exit(0);
}

bool is_about_memory(long number)
{
    constexpr std::array memory = {SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap,
        SYS_mprotect, SYS_madvise, SYS_futex};
    return std::find(memory.begin(), memory.end(), number) != memory.end();
}

bool opens(long number)
{
    return number == SYS_openat || number == SYS_openat2;
}

std::string text_at(pid_t process, std::uint64_t address)
{
    std::string text;
    for (;;) {
        errno = 0;
        const long word = ptrace(PTRACE_PEEKDATA, process,
            reinterpret_cast<void*>(address + text.size()), nullptr);
        std::array<char, sizeof word> bytes{};
        std::memcpy(bytes.data(), &word, sizeof word);
        for (const char byte : bytes) {
            if (byte == '\0' || errno != 0)
                return text;
            text += byte;
        }
    }
}

class Tracer {
public:
    /// Continues the process after a stop.
    void go_on(pid_t process, int status)
    {
        int signal = WSTOPSIG(status);
        if (signal == (SIGTRAP | 0x80)) {
            note_call(process);
            signal = 0;
        } else if (signal == SIGTRAP || signal == SIGSTOP)
            signal = 0;
        ptrace(PTRACE_SYSCALL, process, nullptr,
            reinterpret_cast<void*>(static_cast<long>(signal)));
    }
    std::vector<TracedCall> calls() && { return std::move(calls_); }

private:
    void note_call(pid_t process)
    {
        __ptrace_syscall_info info{};
        if (ptrace(PTRACE_GET_SYSCALL_INFO, process,
                reinterpret_cast<void*>(sizeof info), &info) <= 0 ||
            info.op != PTRACE_SYSCALL_INFO_ENTRY)
            return;
        const auto number = static_cast<long>(info.entry.nr);
        if (number == mark)
            ++marks_;
        else if (marks_ == 1 && !is_about_memory(number))
            calls_.push_back({number,
                opens(number) ? text_at(process, info.entry.args[1]) : ""});
    }

    int marks_ = 0;
    std::vector<TracedCall> calls_;
};

}

std::optional<std::vector<TracedCall>> system_calls_of(
    const std::function<void()>& work, const std::function<void()>& undo)
{
    constexpr long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
        PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
    const auto child = fork();
    if (child == 0)
        be_traced(work, undo);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return {};
    ptrace(PTRACE_SETOPTIONS, child, nullptr, reinterpret_cast<void*>(options));
    Tracer tracer;
    tracer.go_on(child, status);
    int end = -1;
    for (pid_t stopped = 0; (stopped = waitpid(-1, &status, __WALL)) > 0;)
        if (WIFSTOPPED(status))
            tracer.go_on(stopped, status);
        else if (stopped == child)
            end = status;
    if (end != 0)
        throw std::runtime_error("the traced process failed");
    return std::move(tracer).calls();
}

}
