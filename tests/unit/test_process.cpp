// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "file_descriptor.hpp"
#include "process.hpp"
#include "restraint.hpp"
#include "temporary_directory.hpp"

#include <mdev/error.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sched.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using End = ProcessResult::End;

constexpr std::chrono::minutes patience(5);
/// More than a pipe may hold that root does not make.
const std::string large(4 * 1024 * 1024, 'x');

ProcessCall shell(const std::string& script)
{
    return {"/bin/sh", {"-c", script}, {}, {}, patience};
}

const std::string too_few = "too few descriptors";

std::string end_of(const ProcessCall& call)
{
    try {
        switch (run_process(call).end) {
        case End::timed_out: return "timed out";
        case End::unknown: return "unknown";
        default: return "another end";
        }
    } catch (const Error& error) {
        return error.cause() == std::errc::too_many_files_open ? too_few
                                                               : error.what();
    }
}

/// How a program ends, and whether it is left running.
std::string end_and_rest_of(const ProcessCall& call)
{
    const auto end = end_of(call);
    const bool is_gone = waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
    return is_gone ? end : end + ", left running";
}

/// The system calls with which a program could wait for another one. Whichever
/// of them the library uses, none may be missing in a way that leaves the other
/// program behind.
constexpr std::array ways_to_wait{SYS_epoll_create1, SYS_eventfd2,
    SYS_inotify_init1, SYS_pidfd_open, SYS_ppoll, SYS_signalfd4,
    SYS_timerfd_create};

}

TEST_CASE("a text that no pipe holds reaches the program whole", "[process]")
{
    auto count = shell("wc -c");
    count.input = large;

    const auto result = [&] {
        const Unprivileged nobody;
        return run_process(count);
    }();

    CHECK(result.end == End::exited);
    CHECK(result.output == std::to_string(large.size()) + "\n");
}

TEST_CASE("a text that nothing holds is an error", "[process]")
{
    auto count = shell("wc -c");
    count.input = large;

    const auto call =
        static_cast<unsigned>(GENERATE(SYS_memfd_create, SYS_lseek));

    const auto outcome = outcome_without({{call}}, EMFILE, [&] {
        const Unprivileged nobody;
        return run_process(count).output;
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "Cannot create a pipe for a script: Too many open files");
}

TEST_CASE("with too few descriptors no program is left running", "[process]")
{
    const FileDescriptor cancel(eventfd(0, EFD_CLOEXEC));
    auto sleeper = shell("exec sleep 300");
    sleeper.timeout = std::chrono::milliseconds(0);
    sleeper.cancellation = Cancellation(cancel.number());

    const auto outcome = outcome_in_child([&] {
        struct rlimit descriptors {};
        getrlimit(RLIMIT_NOFILE, &descriptors);
        auto end = too_few;
        for (descriptors.rlim_cur = 3; end == too_few; ++descriptors.rlim_cur) {
            setrlimit(RLIMIT_NOFILE, &descriptors);
            end = end_and_rest_of(sleeper);
        }
        return end;
    });

    CHECK(outcome == "timed out");
}

TEST_CASE("a program that cannot be watched is not left running", "[process]")
{
    const auto refused =
        static_cast<unsigned>(GENERATE(from_range(ways_to_wait)));
    auto sleeper = shell("exec sleep 300");
    sleeper.timeout = std::chrono::milliseconds(0);

    const auto outcome = outcome_without(
        {{refused}}, EMFILE, [&] { return end_and_rest_of(sleeper); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CAPTURE(refused, outcome);
    // There may be another way to watch it.
    CHECK((outcome == too_few || outcome == "timed out"));
}

TEST_CASE(
    "the end of a program is unknown if the kernel forgets it", "[process]")
{
    const auto outcome = outcome_in_child([] {
        std::signal(SIGCHLD, SIG_IGN);
        return end_and_rest_of(shell("exit 3"));
    });

    CHECK(outcome == "unknown");
}

TEST_CASE("so is that of one that cannot be watched either", "[process]")
{
    const auto refused =
        static_cast<unsigned>(GENERATE(from_range(ways_to_wait)));

    const auto outcome = outcome_without({{refused}}, EMFILE, [] {
        std::signal(SIGCHLD, SIG_IGN);
        return end_and_rest_of(shell("exit 3"));
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "unknown");
}

TEST_CASE("an end counts although the time is over as well", "[process]")
{
    // The program stops this process, ends, and its time is over, before this
    // process goes on: Ctrl-Z and fg, a frozen cgroup, a paused machine.
    const auto outcome = outcome_in_child([] {
        auto call = shell("kill -STOP $PPID\n"
                          "(sleep 0.4; kill -CONT $PPID) >&- 2>&- &\n"
                          "echo done");
        call.timeout = std::chrono::milliseconds(200);
        const auto result = run_process(call);
        return result.end == End::exited ? result.output : "another end";
    });

    CHECK(outcome == "done\n");
}

namespace {

/// The next process of the namespace gets the number behind this one.
void set_last_pid(pid_t number)
{
    std::ofstream("/proc/sys/kernel/ns_last_pid") << number << std::flush;
}

/// Sleeps in a process of its own, which has the number `wanted` if the kernel
/// lets that be chosen, and whose parent is the namespace's first process.
pid_t stranger_with_number(pid_t wanted)
{
    set_last_pid(wanted - 2);
    const pid_t between = fork();
    if (between == 0) {
        const pid_t stranger = fork();
        if (stranger == 0) {
            setpgid(0, 0);
            pause();
        }
        if (stranger == wanted)
            _exit(0);
        kill(stranger, SIGKILL);
        _exit(1);
    }
    int status = 0;
    waitpid(between, &status, 0);
    return status == 0 ? wanted : 0;
}

/// In a PID namespace of its own, behind its first process.
std::string in_pid_namespace(const std::function<std::string()>& work)
{
    return outcome_in_child([&]() -> std::string {
        if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0)
            return cannot_forbid;
        return outcome_in_child([&]() -> std::string {
            // For /proc/sys/kernel/ns_last_pid the namespace needs a /proc.
            if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) !=
                    0 ||
                mount("proc", "/proc", "proc", 0, nullptr) != 0)
                return cannot_forbid;
            return outcome_in_child(work);
        });
    });
}

}

TEST_CASE(
    "whoever gets the number of a reaped program is left alone", "[process]")
{
    const bool has_pidfd = GENERATE(true, false);

    const auto outcome = in_pid_namespace([&]() -> std::string {
        if (!has_pidfd)
            forbid({SYS_pidfd_open}, ENOSYS);
        const TemporaryDirectory directory;
        const auto file = directory.path() / "pid";
        pid_t stranger = 0;
        // Another part of this process reaps whatever ends, as the main loops
        // of daemons do.
        std::thread reaper([&] {
            std::string text;
            while (text.empty() || text.back() != '\n')
                text = fs::exists(file) ? file_content(file) : "";
            const pid_t script = std::stoi(text);
            while (waitpid(script, nullptr, 0) != script && errno == EINTR)
                ;
            stranger = stranger_with_number(script);
        });
        set_last_pid(100); // numbers with free ones before them
        auto call = shell("echo $$ >" + file.string() + "; exit 0");
        // Long enough for a busy machine: a time limit that passes while the
        // reaper is at work is a race that nobody can win.
        call.timeout = std::chrono::seconds(5);
        const auto end = run_process(call).end;
        reaper.join();
        if (stranger == 0)
            return cannot_forbid;
        // A zombie could be signalled as well.
        const auto state =
            file_content("/proc/" + std::to_string(stranger) + "/stat");
        const bool lives = state.find(") Z ") == std::string::npos;
        kill(stranger, SIGKILL);
        const bool is_known = end == End::exited || end == End::unknown;
        return std::string(is_known ? "ended" : "another end") +
            (lives ? ", the stranger lives" : ", the stranger is dead");
    });

    if (outcome == cannot_forbid)
        return skip("no PID namespace");
    CHECK(outcome == "ended, the stranger lives");
}

TEST_CASE("what is cancelled when its time is over ends once", "[process]")
{
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    auto sleeper = shell("exec sleep 300");
    sleeper.timeout = std::chrono::milliseconds(0);
    sleeper.cancellation = Cancellation(cancel.number());

    const auto result = run_process(sleeper);

    CHECK((result.end == End::timed_out || result.end == End::cancelled));
}

TEST_CASE("a cancelled program may end within its grace", "[process]")
{
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    auto program = shell("exit 7");
    program.timeout = std::chrono::milliseconds::max();
    program.cancellation = Cancellation(cancel.number());
    program.cancel_grace = std::chrono::milliseconds::max();

    const auto result = run_process(program);

    CHECK(result.end == End::exited);
    CHECK(result.code == 7);
}

TEST_CASE("a cancelled program is ended after its grace", "[process]")
{
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    auto sleeper = shell("exec sleep 300");
    sleeper.timeout = std::chrono::milliseconds::max();
    sleeper.cancellation = Cancellation(cancel.number());
    sleeper.cancel_grace = std::chrono::milliseconds(1);

    CHECK(run_process(sleeper).end == End::cancelled);
}

TEST_CASE("a program that was stuck is reaped by the next one", "[process]")
{
    auto immortal = shell("exec sleep 5");
    immortal.timeout = std::chrono::milliseconds(0);

    const auto outcome = outcome_without({{SYS_kill}}, EPERM, [&] {
        const auto result = run_process(immortal);
        if (result.end != End::stuck)
            return std::string("another end");
        siginfo_t info{};
        waitid(P_PID, static_cast<id_t>(result.code), &info, WEXITED | WNOWAIT);
        run_process(shell("exit 0"));
        return std::string(
            waitpid(result.code, nullptr, WNOHANG) == -1 && errno == ECHILD
                ? "reaped"
                : "a zombie");
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "reaped");
}

}
