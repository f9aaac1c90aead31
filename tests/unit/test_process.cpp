// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "file_descriptor.hpp"
#include "process.hpp"
#include "restraint.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <sys/eventfd.h>
#include <sys/syscall.h>

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

TEST_CASE("a program that cannot be waited for is ended", "[process]")
{
    const auto outcome = outcome_without({{SYS_epoll_create1}}, EMFILE,
        [] { return run_process(shell("exec sleep 300")).output; });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "Cannot make a pipe for a script: Too many open files");
}

TEST_CASE("a program whose end the kernel forgets is lost", "[process]")
{
    const auto outcome =
        outcome_without({{SYS_epoll_create1}}, EMFILE, []() -> std::string {
            std::signal(SIGCHLD, SIG_IGN);
            const auto result = run_process(shell("exec sleep 300"));
            return result.end == End::unknown ? "lost" : "known";
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "lost");
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
