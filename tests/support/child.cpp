// SPDX-License-Identifier: LGPL-2.1-or-later
#include "child.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <linux/filter.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef MDEV_TEST_COVERAGE
// A function of the compiler, which has no header.
extern "C" void __gcov_dump();
#endif

namespace mdev::test {

const std::string cannot_forbid = "no system call can be forbidden here";

namespace {

/// Whether a child can write the counters of a coverage report, which are read
/// before they are written.
bool can_count = true;

[[noreturn]] void run(const std::function<std::string()>& work, int out)
{
    std::string text;
    try {
        text = work();
    } catch (const std::exception& error) {
        text = error.what();
    }
    const auto written = write(out, text.data(), text.size());
#ifdef MDEV_TEST_COVERAGE
    if (can_count)
        __gcov_dump();
#endif
    _exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

std::string read_all(int in)
{
    std::string text;
    std::array<char, 512> buffer{};
    for (;;) {
        const auto got = read(in, buffer.data(), buffer.size());
        if (got <= 0)
            return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

/// Makes system calls fail whose argument passes a test of BPF.
void refuse(unsigned number, unsigned argument, unsigned test, unsigned value,
    unsigned error)
{
    // A filter reads an argument of 64 bits as two words. The lower one is
    // tested.
    constexpr auto arguments = offsetof(seccomp_data, args) +
        (std::endian::native == std::endian::big ? sizeof(unsigned) : 0);
    const auto offset = static_cast<unsigned>(
        arguments + argument * sizeof(seccomp_data::args[0]));
    std::array<sock_filter, 6> filter{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset),
        BPF_JUMP(
            static_cast<unsigned short>(BPF_JMP | test | BPF_K), value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    sock_fprog program{};
    program.len = static_cast<unsigned short>(filter.size());
    program.filter = filter.data();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        throw std::runtime_error(cannot_forbid);
}

}

std::string outcome_in_child(const std::function<std::string()>& work)
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    const auto child = fork();
    if (child == 0)
        run(work, ends[1]);
    close(ends[1]);
    auto text = read_all(ends[0]);
    close(ends[0]);
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        throw std::runtime_error("the child died: " + text);
    return text;
}

void forbid(const SystemCall& call, unsigned error)
{
    can_count =
        can_count && call.number != SYS_read && call.number != SYS_lseek;
    const auto refuse_call = [&](unsigned number, unsigned argument) {
        refuse(number, argument, call.bits == 0 ? BPF_JGE : BPF_JSET, call.bits,
            error);
    };
    refuse_call(call.number, call.argument);
    // Systems of 32 bits have several calls for the same purpose.
#ifdef SYS_fchown32
    if (call.number == SYS_fchown)
        refuse_call(SYS_fchown32, 0);
#endif
#ifdef SYS__llseek
    if (call.number == SYS_lseek)
        refuse_call(SYS__llseek, 0);
#endif
#ifdef SYS_fstatat64
    if (call.number == SYS_newfstatat)
        refuse_call(SYS_statx, 2);
#endif
#ifdef SYS_socketcall
    const auto refuse_function = [&](unsigned function) {
        refuse(SYS_socketcall, 0, BPF_JEQ, function, error);
    };
    if (call.number == SYS_socket)
        refuse_function(SYS_SOCKET);
    if (call.number == SYS_bind)
        refuse_function(SYS_BIND);
    if (call.number == SYS_recvfrom) {
        refuse_function(SYS_RECVFROM);
        refuse_function(SYS_RECV);
    }
#endif
}

std::vector<SystemCall> calls_of_fstat()
{
    return {
        {SYS_newfstatat, 3, AT_EMPTY_PATH},
        {SYS_fstat},
#ifdef SYS_fstat64
        {SYS_fstat64},
        {SYS_statx, 2, AT_EMPTY_PATH},
#endif
    };
}

std::string outcome_without(const std::vector<SystemCall>& calls,
    unsigned error, const std::function<std::string()>& work)
{
    return outcome_in_child([&] {
        for (const auto& call : calls)
            forbid(call, error);
        return work();
    });
}

bool spawn_reports_errors()
{
    std::array<char*, 1> words = {nullptr};
    pid_t child = 0;
    if (posix_spawn(&child, "/nonexistent", nullptr, nullptr, words.data(),
            environ) != 0)
        return true;
    waitpid(child, nullptr, 0);
    return false;
}

std::string own_name()
{
    std::string name;
    std::getline(std::ifstream("/proc/self/comm"), name);
    return name;
}

}
