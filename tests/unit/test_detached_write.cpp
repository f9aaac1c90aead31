// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "detached_write.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace mdev::test {

namespace {

struct Pipe {
    FileDescriptor reads;
    FileDescriptor writes;

    Pipe()
    {
        std::array<int, 2> ends{};
        REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
        reads = FileDescriptor(ends[0]);
        writes = FileDescriptor(ends[1]);
    }
    /// From now on, each write waits.
    void fill()
    {
        const int flags = fcntl(writes.number(), F_GETFL);
        fcntl(writes.number(), F_SETFL, flags | O_NONBLOCK);
        const std::vector<char> much(4096);
        while (write(writes.number(), much.data(), much.size()) > 0) {}
        fcntl(writes.number(), F_SETFL, flags);
    }
    void drain()
    {
        std::vector<char> much(1024 * 1024);
        REQUIRE(read(reads.number(), much.data(), much.size()) > 0);
    }
};

bool is_ready(int fd, int timeout)
{
    pollfd asked{fd, POLLIN, 0};
    return poll(&asked, 1, timeout) == 1;
}

constexpr int for_ever = -1;

}

TEST_CASE("another process writes and reports the result", "[detached_write]")
{
    Pipe pipe;

    const auto writing = DetachedWrite::begin(pipe.writes.number(), "hello");

    REQUIRE(writing);
    const auto end = writing->end();
    CHECK(end.is_begun == 1);
    CHECK(end.written == 5);
    std::string text(5, '\0');
    CHECK(read(pipe.reads.number(), text.data(), text.size()) == 5);
    CHECK(text == "hello");
}

TEST_CASE("the error of the write is reported", "[detached_write]")
{
    const Pipe pipe;

    const auto writing = DetachedWrite::begin(pipe.reads.number(), "hello");

    REQUIRE(writing);
    const auto end = writing->end();
    CHECK(end.is_begun == 1);
    CHECK(end.written == -1);
    CHECK(end.error == EBADF);
}

TEST_CASE("a write that blocks does not block the caller", "[detached_write]")
{
    Pipe pipe;
    pipe.fill();

    const auto writing = DetachedWrite::begin(pipe.writes.number(), "1");

    REQUIRE(writing);
    CHECK_FALSE(is_ready(writing->descriptor(), 0));
    pipe.drain();
    CHECK(is_ready(writing->descriptor(), for_ever));
    CHECK(writing->end().written == 1);
}

TEST_CASE("a write continues after its caller has stopped waiting",
    "[detached_write]")
{
    Pipe pipe;
    pipe.fill();

    DetachedWrite::begin(pipe.writes.number(), "1");

    // The writer is the last process that has the file open.
    pipe.writes = FileDescriptor();
    std::string all;
    std::array<char, 4096> some{};
    for (ssize_t got = 0;
         (got = read(pipe.reads.number(), some.data(), some.size())) > 0;)
        all.append(some.data(), static_cast<std::size_t>(got));
    CHECK(all.back() == '1');
}

TEST_CASE("the writer keeps no other file open", "[detached_write]")
{
    Pipe pipe;
    Pipe other;
    pipe.fill();
    const auto writing = DetachedWrite::begin(pipe.writes.number(), "1");
    REQUIRE(writing);

    other.writes = FileDescriptor();

    CHECK(is_ready(other.reads.number(), for_ever));
    char byte = 0;
    CHECK(read(other.reads.number(), &byte, 1) == 0);
    pipe.drain();
    writing->end();
}

TEST_CASE("a write leaves no child process", "[detached_write]")
{
    const auto outcome = outcome_in_child([]() -> std::string {
        Pipe pipe;
        pipe.fill();
        const auto writing = DetachedWrite::begin(pipe.writes.number(), "1");
        const bool is_alone =
            waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD;
        pipe.drain();
        writing->end();
        return is_alone ? "none" : "a child";
    });

    CHECK(outcome == "none");
}

TEST_CASE("without a new process, nothing is written", "[detached_write]")
{
    const auto outcome =
        outcome_without({{SYS_clone3}, {SYS_clone}}, EAGAIN, [] {
            Pipe pipe;
            const auto writing =
                DetachedWrite::begin(pipe.writes.number(), "1");
            return std::string(writing ? "begun" : "no process");
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "no process");
}

TEST_CASE(
    "a writer that cannot close its files writes nothing", "[detached_write]")
{
    const auto outcome = outcome_without({{SYS_close_range}}, EPERM, [] {
        Pipe pipe;
        const auto writing = DetachedWrite::begin(pipe.writes.number(), "1");
        return std::string(
            writing && writing->end().is_begun == 0 ? "not begun" : "begun");
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "not begun");
}

TEST_CASE("without a pipe, nothing is written", "[detached_write]")
{
    const Pipe pipe;

    const auto outcome = outcome_without({{SYS_pipe2}}, EMFILE, [&] {
        const auto writing = DetachedWrite::begin(pipe.writes.number(), "1");
        return std::string(writing ? "begun" : "no pipe");
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "no pipe");
}

}
