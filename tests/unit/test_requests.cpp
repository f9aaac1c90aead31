// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "file_descriptor.hpp"
#include "samples.hpp"

#include <mdev/host_state.hpp>
#include <mdev/manager.hpp>

#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds patience(120);

/// A versioned script that writes a line to a file each time a command asks for
/// its capabilities.
std::string counting_script(const fs::path& file)
{
    return "[ \"$6\" = capabilities ] || exit 0\necho x >>" + file.string() +
        "\necho '{\"supports\":{\"version\":2,\"actions\":[\"define\"],"
        "\"events\":[\"pre\"]}}'\n";
}

long lines_of(const fs::path& file)
{
    std::ifstream stream(file);
    return std::count(std::istreambuf_iterator<char>(stream), {}, '\n');
}

steady_clock::time_point soon()
{
    return steady_clock::now() + milliseconds(50);
}

/// Runs `command`, which must end long before the time limits.
template <class Command> Error quick_error_of(Command command)
{
    const auto begin = steady_clock::now();
    const auto error = error_of(command);
    CHECK(steady_clock::now() - begin < patience / 4);
    return error;
}

}

TEST_CASE("requests share the capabilities of scripts", "[requests]")
{
    FakeKernel kernel;
    const auto asked = kernel.root() / "asked";
    kernel.add_script(counting_script(asked));
    const Manager manager(kernel.env());
    const FileDescriptor never(eventfd(0, EFD_CLOEXEC));

    for (std::uint8_t i = 1; i <= 40; ++i)
        manager.with_cancel(never.number())
            .with_deadline(steady_clock::now() + patience)
            .with_environment(kernel.env())
            .define(sample_definition(i));

    CHECK(lines_of(asked) == 1);
}

TEST_CASE("another root directory has its own scripts", "[requests]")
{
    FakeKernel kernel;
    FakeKernel other;
    const auto asked = kernel.root() / "asked";
    other.add_script(counting_script(asked));

    Manager(kernel.env())
        .with_environment(other.env())
        .define(sample_definition(1));

    CHECK(lines_of(asked) == 1);
    CHECK(fs::exists(other.definition_path("mtty", sample_uuid(1).string())));
}

TEST_CASE("the descriptor of a request cancels the request", "[requests]")
{
    FakeKernel kernel;
    kernel.define("late", sample_uuid(1).string(), sample_text());
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    const auto manager = Manager(kernel.env()).with_wait(patience);

    const auto error = quick_error_of(
        [&] { manager.with_cancel(cancel.number()).start_defined("late"); });

    CHECK(error.code() == Errc::cancelled);
}

TEST_CASE("a deadline ends the wait for a parent", "[requests]")
{
    FakeKernel kernel;
    kernel.define("late", sample_uuid(1).string(), sample_text());
    const auto manager = Manager(kernel.env()).with_wait(patience);

    const auto error = quick_error_of(
        [&] { manager.with_deadline(soon()).start_defined("late"); });

    CHECK(error.code() == Errc::timed_out);
    REQUIRE(error.outcomes().size() == 1);
    CHECK(error.outcomes()[0].uuid() == sample_uuid(1));
    CHECK(error.outcomes()[0].code() == Errc::timed_out);
}

TEST_CASE("a deadline ends a script, and post is still called", "[requests]")
{
    FakeKernel kernel;
    const auto ran = kernel.root() / "ran";
    kernel.add_script("case $4 in pre) sleep 300 ;; post) exit 0 ;; esac\n");
    fs::create_directories(kernel.env().notifier_directories()[0]);
    const auto notifier = kernel.env().notifier_directories()[0] / "n";
    put_file(notifier, "#!/bin/sh\necho x >>" + ran.string() + "\n");
    chmod(notifier.c_str(), 0755);
    const auto manager = Manager(kernel.env()).with_force();

    const auto error = quick_error_of(
        [&] { manager.with_deadline(soon()).define(sample_definition(1)); });

    CHECK(error.code() == Errc::timed_out);
    CHECK(std::string(error.what()).find("ended by the command's deadline") !=
        std::string::npos);
    CHECK(lines_of(ran) == 1);
    CHECK_FALSE(
        fs::exists(kernel.definition_path("mtty", sample_uuid(1).string())));
}

TEST_CASE("a deadline ends the wait for the store's lock", "[requests]")
{
    FakeKernel kernel;
    Manager(kernel.env()).define(sample_definition(1));
    const auto name = kernel.env().definitions_directory() / ".lock";
    const FileDescriptor lock(open(name.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(flock(lock.number(), LOCK_EX) == 0);

    const auto error = quick_error_of([&] {
        Manager(kernel.env())
            .with_deadline(soon())
            .modify(sample_uuid(1), {}, [](Definition&) {});
    });

    CHECK(error.code() == Errc::timed_out);
}

TEST_CASE("after a deadline has passed, no command waits", "[requests]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    const auto late = Manager(kernel.env()).with_deadline(steady_clock::now());

    // Without scripts, the command does not have to wait.
    late.define(sample_definition(1));
    kernel.add_script("exit 0\n");
    const auto error = quick_error_of([&] {
        Manager(kernel.env())
            .with_deadline(steady_clock::now())
            .define(sample_definition(2));
    });

    CHECK(error.code() == Errc::timed_out);
}

TEST_CASE("reading a pipe can be cancelled", "[requests]")
{
    FakeKernel kernel;
    const auto pipe = kernel.root() / "pipe";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    const FileDescriptor writer(open(pipe.c_str(), O_RDWR | O_CLOEXEC));
    const FileDescriptor cancel(eventfd(0, EFD_CLOEXEC));
    const auto env = kernel.env().with_cancel(cancel.number());
    std::thread other([&] {
        std::this_thread::sleep_for(milliseconds(50));
        eventfd_write(cancel.number(), 1);
    });

    CHECK(quick_error_of([&] { HostState::from_file(pipe, env); }).code() ==
        Errc::cancelled);
    CHECK(quick_error_of([&] {
        Definition::from_file(pipe, sample_uuid(1), "mtty", env);
    }).code() == Errc::cancelled);
    other.join();
    CHECK(quick_error_of([&] {
        Definition::from_file(
            pipe, sample_uuid(1), "mtty", kernel.env().with_deadline(soon()));
    }).code() == Errc::timed_out);
}

}
