// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "file_descriptor.hpp"
#include "process.hpp"
#include "restraint.hpp"

#include <mdev/error.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace mdev::test {

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

/// With one of which a program, its pipes and its time may be watched.
constexpr std::array watching{SYS_epoll_create1, SYS_eventfd2, SYS_pidfd_open,
    SYS_ppoll, SYS_timerfd_create};

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
    CHECK(outcome == "Cannot make a pipe for a script: Too many open files");
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
    const auto refused = static_cast<unsigned>(GENERATE(from_range(watching)));
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
    const auto refused = static_cast<unsigned>(GENERATE(from_range(watching)));

    const auto outcome = outcome_without({{refused}}, EMFILE, [] {
        std::signal(SIGCHLD, SIG_IGN);
        return end_and_rest_of(shell("exit 3"));
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "unknown");
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

}
