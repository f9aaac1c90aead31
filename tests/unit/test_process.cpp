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
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sched.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using End = ProcessResult::End;

constexpr std::chrono::minutes patience(5);
/// More than the capacity of a pipe of a user other than root.
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

/// Returns how a program ended, and whether the program is left running.
std::string end_and_rest_of(const ProcessCall& call)
{
    const auto end = end_of(call);
    const bool is_gone = waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
    return is_gone ? end : end + ", left running";
}

/// The system calls with which a program can wait for another program. If the
/// library uses one of these calls and the call fails, no program may be left
/// running.
constexpr std::array ways_to_wait{SYS_epoll_create1, SYS_eventfd2,
    SYS_inotify_init1, SYS_pidfd_open, SYS_ppoll, SYS_signalfd4,
    SYS_timerfd_create};

}

TEST_CASE(
    "a program receives a text larger than a pipe completely", "[process]")
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

TEST_CASE("a text that cannot be passed is an error", "[process]")
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

TEST_CASE("a program that cannot be monitored is not left running", "[process]")
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
    // The library may have another way to monitor the program.
    CHECK((outcome == too_few || outcome == "timed out"));
}

TEST_CASE("the end of a program is unknown if the kernel discards its status",
    "[process]")
{
    const auto outcome = outcome_in_child([] {
        std::signal(SIGCHLD, SIG_IGN);
        return end_and_rest_of(shell("exit 3"));
    });

    CHECK(outcome == "unknown");
}

TEST_CASE(
    "a program has timed out if the kernel discards its status", "[process]")
{
    const auto outcome = outcome_in_child([] {
        std::signal(SIGCHLD, SIG_IGN);
        auto call = shell("exec sleep 300");
        call.timeout = std::chrono::milliseconds(10);
        return end_of(call);
    });

    CHECK(outcome == "timed out");
}

TEST_CASE("this is also so for a program that cannot be monitored", "[process]")
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

TEST_CASE("a program that has ended has not timed out", "[process]")
{
    // The program stops this process, ends, and exceeds its time before this
    // process continues. Ctrl-Z and fg, a frozen cgroup or a paused machine do
    // the same.
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

/// Makes the next process of the namespace get the number after `number`.
void set_last_pid(pid_t number)
{
    std::ofstream("/proc/sys/kernel/ns_last_pid") << number << std::flush;
}

/// Starts a process that sleeps and whose parent is the first process of the
/// namespace. The process has the number `wanted` if the kernel lets the caller
/// choose a number.
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

/// Runs `work` in a PID namespace of its own, in its second process.
std::string in_pid_namespace(const std::function<std::string()>& work)
{
    return outcome_in_child([&]() -> std::string {
        if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0)
            return cannot_forbid;
        return outcome_in_child([&]() -> std::string {
            // The namespace needs a /proc for /proc/sys/kernel/ns_last_pid.
            if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) !=
                    0 ||
                mount("proc", "/proc", "proc", 0, nullptr) != 0)
                return cannot_forbid;
            return outcome_in_child(work);
        });
    });
}

}

TEST_CASE("a new process with the number of a reaped program is not killed",
    "[process]")
{
    const bool has_pidfd = GENERATE(true, false);

    const auto outcome = in_pid_namespace([&]() -> std::string {
        if (!has_pidfd)
            forbid({SYS_pidfd_open}, ENOSYS);
        const TemporaryDirectory directory;
        const auto file = directory.path() / "pid";
        pid_t stranger = 0;
        // Another part of this process reaps every child that ends, as the main
        // loops of daemons do.
        std::thread reaper([&] {
            std::string text;
            while (text.empty() || text.back() != '\n')
                text = fs::exists(file) ? file_content(file) : "";
            const pid_t script = std::stoi(text);
            while (waitpid(script, nullptr, 0) != script && errno == EINTR)
                ;
            stranger = stranger_with_number(script);
        });
        set_last_pid(100); // The numbers after 100 are free.
        auto call = shell("echo $$ >" + file.string() + "; exit 0");
        // Long enough for a busy machine. If the time limit passes while the
        // reaper is at work, no implementation can avoid the race.
        call.timeout = std::chrono::seconds(5);
        const auto end = run_process(call).end;
        reaper.join();
        if (stranger == 0)
            return cannot_forbid;
        // A zombie can also receive a signal.
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

TEST_CASE(
    "a program is ended once if both cancel and timeout apply", "[process]")
{
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    auto sleeper = shell("exec sleep 300");
    sleeper.timeout = std::chrono::milliseconds(0);
    sleeper.cancellation = Cancellation(cancel.number());

    const auto result = run_process(sleeper);

    CHECK((result.end == End::timed_out || result.end == End::cancelled));
}

TEST_CASE("a cancelled program may end within the grace period", "[process]")
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

TEST_CASE("a program that dies of what cancels it is cancelled", "[process]")
{
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    auto program = shell("kill -INT $$");
    program.timeout = std::chrono::milliseconds::max();
    program.cancellation = Cancellation(cancel.number());
    program.cancel_grace = std::chrono::milliseconds::max();

    CHECK(run_process(program).end == End::cancelled);
}

TEST_CASE("a cancelled program is killed after the grace period", "[process]")
{
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    auto sleeper = shell("exec sleep 300");
    sleeper.timeout = std::chrono::milliseconds::max();
    sleeper.cancellation = Cancellation(cancel.number());
    sleeper.cancel_grace = std::chrono::milliseconds(1);

    CHECK(run_process(sleeper).end == End::cancelled);
}

namespace {

/// A named pipe, which a program writes to when it may be cancelled.
class Moment {
public:
    Moment()
    {
        mkfifo(path().c_str(), 0600);
        // Open for writing as well, so that the end of a writer is no event.
        fifo_ = FileDescriptor(open(path().c_str(), O_RDWR | O_CLOEXEC));
    }

    std::string path() const { return (directory_.path() / "moment").string(); }
    ProcessResult result_of(ProcessCall call) const
    {
        call.cancellation = Cancellation(fifo_.number());
        return run_process(call);
    }

private:
    TemporaryDirectory directory_;
    FileDescriptor fifo_;
};

}

TEST_CASE("a program that leaves its group is ended", "[process]")
{
    const Moment moment;
    const auto python = "import os, time\n"
                        "os.setpgid(0, os.getpgid(os.getppid()))\n"
                        "open('" +
        moment.path() +
        "', 'w').write('now')\n"
        "time.sleep(300)\n";

    const auto result = moment.result_of(
        {"/usr/bin/env", {"python3", "-c", python}, {}, {}, patience});

    CHECK(result.end == End::cancelled);
}

TEST_CASE("a program that has stopped can clean up", "[process]")
{
    const Moment moment;

    const auto result = moment.result_of(
        shell("trap 'echo cleaned up; exit 1' TERM\n"
              "(until grep -q '^State:.T' /proc/$$/status; do :; done\n"
              "echo now >" +
            moment.path() +
            ") &\n"
            "kill -STOP $$\n"));

    CHECK(result.end == End::cancelled);
    CHECK(result.output == "cleaned up\n");
}

TEST_CASE("the first and the last lines of many errors are kept", "[process]")
{
    const auto result = run_process(shell("echo the first >&2\n"
                                          "yes | head -c 3000000 >&2\n"
                                          "echo the last >&2\n"));

    const std::string first = "the first\n";
    const std::string last = "the last\n";
    const auto& errors = result.errors;
    CHECK(result.errors_truncated);
    CHECK(errors.size() == 512 * 1024);
    CHECK(errors.substr(0, first.size()) == first);
    CHECK(errors.substr(errors.size() - last.size()) == last);
}

TEST_CASE(
    "the next program reaps a program that could not be killed", "[process]")
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
