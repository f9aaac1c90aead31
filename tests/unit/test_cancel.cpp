// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cancellation.hpp"
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "file_descriptor.hpp"
#include "samples.hpp"

#include <mdev/device_status.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/manager.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::minutes patience(5);

/// A system whose commands are cancelled as soon as a thread writes to a pipe.
struct Cancelled {
    FakeKernel kernel;
    fs::path pipe = kernel.root() / "cancel";
    FileDescriptor cancel = opened(pipe);
    Environment env = kernel.env().with_cancel(cancel.number());

    /// Other threads call this function, and only one thread may use Catch2's
    /// checks.
    void now() const
    {
        if (write(cancel.number(), "x", 1) != 1)
            std::abort();
    }
    /// Adds a script. A command that calls the script is cancelled.
    void by_script()
    {
        kernel.add_script("echo >" + pipe.string() + "\nexec sleep 300\n");
    }
    void define(std::uint8_t number, const std::string& parent)
    {
        kernel.define(parent, sample_uuid(number).string(),
            sample_text("mtty-1", "auto"));
    }

private:
    static FileDescriptor opened(const fs::path& path)
    {
        mkfifo(path.c_str(), 0600);
        return FileDescriptor(open(path.c_str(), O_RDWR | O_CLOEXEC));
    }
};

}

TEST_CASE("a pause of any length lasts until it is cancelled", "[cancel]")
{
    const auto time = GENERATE(milliseconds((1LL << 31) + 1),
        milliseconds((1LL << 32) + 1), milliseconds::max());
    const Cancelled system;
    std::thread other([&] {
        std::this_thread::sleep_for(milliseconds(50));
        system.now();
    });

    CHECK(Cancellation(system.cancel.number()).is_requested_within(time));
    other.join();
}

TEST_CASE("a pause of any length ends at once if it is cancelled", "[cancel]")
{
    const auto time = GENERATE(milliseconds(-1), milliseconds(0),
        milliseconds((1LL << 32) + 1), milliseconds::max());
    const Cancelled system;
    const Cancellation cancellation(system.cancel.number());
    system.now();

    CHECK(cancellation.is_requested_within(time));
    CHECK(error_of([&] { cancellation.wait(time, "Waiting", "it"); }).code() ==
        Errc::cancelled);
}

TEST_CASE("a pause that has ended was not cancelled", "[cancel]")
{
    const Cancelled system;

    CHECK_FALSE(Cancellation().is_requested_within(milliseconds(1)));
    CHECK_FALSE(Cancellation(system.cancel.number())
                    .is_requested_within(milliseconds(-1)));
}

TEST_CASE("a signal does not shorten a pause", "[cancel]")
{
    struct sigaction before {
    }, harmless{};
    harmless.sa_handler = [](int) {};
    REQUIRE(sigaction(SIGUSR1, &harmless, &before) == 0);
    const Cancelled system;
    std::thread other([&, self = pthread_self()] {
        for (int i = 0; i < 20; ++i) {
            std::this_thread::sleep_for(milliseconds(5));
            pthread_kill(self, SIGUSR1);
        }
        system.now();
    });

    CHECK(Cancellation(system.cancel.number()).is_requested_within(patience));
    other.join();
    sigaction(SIGUSR1, &before, nullptr);
}

TEST_CASE("waiting for a late parent can be cancelled", "[cancel]")
{
    Cancelled system;
    system.define(1, "late");
    system.now();

    CHECK(error_of([&] {
        Manager(system.env).start_parent("late", patience);
    }).code() == Errc::cancelled);
}

TEST_CASE("the listener receives a start that was cancelled while it waited",
    "[cancel]")
{
    Cancelled system;
    system.now();
    std::string heard;
    const auto manager = Manager(system.env)
                             .with_wait(patience)
                             .with_listener([&](const Outcome& outcome) {
                                 heard = outcome.error();
                             });

    const auto error = error_of(
        [&] { manager.start(Definition(sample_uuid(1), "late", "mtty-1")); });
    CHECK(error.code() == Errc::cancelled);
    CHECK(heard == error.what());
}

TEST_CASE("waiting for another start of a parent can be cancelled", "[cancel]")
{
    Cancelled system;
    system.kernel.add_type("mtty", "mtty-1");
    system.define(1, "mtty");
    const auto lock = system.kernel.root() / "run/mdevctl/mtty.lock";
    put_file(lock);
    const FileDescriptor other(open(lock.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(flock(other.number(), LOCK_EX) == 0);
    system.now();

    CHECK(error_of([&] {
        Manager(system.env).start_parent("mtty", patience);
    }).code() == Errc::cancelled);
}

TEST_CASE("no device is started after a cancelled start", "[cancel]")
{
    Cancelled system;
    system.kernel.add_type("mtty", "mtty-1");
    system.define(1, "mtty");
    system.define(2, "mtty");
    system.by_script();

    CHECK(error_of([&] { Manager(system.env).start_all(patience); }).code() ==
        Errc::cancelled);
    CHECK(system.kernel.writes().empty());
}

TEST_CASE("a cancelled start reports the failures before it", "[cancel]")
{
    Cancelled system;
    system.kernel.add_type("mtty", "mtty-1");
    system.define(1, "mtty");
    system.define(2, "mtty");
    system.kernel.add_script("[ ${10} != " + sample_uuid(1).string() +
        " ] || exit 1\necho >" + system.pipe.string() + "\nexec sleep 300\n");
    std::vector<Uuid> heard;
    const auto manager = Manager(system.env)
                             .with_retries(1, patience)
                             .with_listener([&](const Outcome& outcome) {
                                 heard.push_back(outcome.uuid());
                             });

    const auto error = error_of([&] { manager.start_all(milliseconds(0)); });

    CHECK(error.code() == Errc::cancelled);
    CHECK(system.kernel.log().texts(LogLevel::error).size() == 1);
    CHECK(heard.size() == 2);
}

TEST_CASE("a cancelled removal is the last of several", "[cancel]")
{
    Cancelled system;
    system.define(1, "mdpy");
    system.define(1, "mtty");
    system.by_script();

    CHECK(error_of([&] {
        Manager(system.env).undefine(sample_uuid(1), {});
    }).code() == Errc::cancelled);
}

TEST_CASE("no device is stopped after a cancelled stop", "[cancel]")
{
    Cancelled system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(2));
    system.by_script();

    CHECK(error_of([&] {
        Manager(system.env).with_force().stop_all({});
    }).code() == Errc::cancelled);
    CHECK(system.kernel.writes().empty());
}

TEST_CASE("asking for a device's status can be cancelled", "[cancel]")
{
    Cancelled system;
    system.kernel.add_device(sample_uuid(1));
    system.by_script();

    CHECK(error_of([&] {
        DeviceStatus::find(sample_uuid(1), system.env);
    }).code() == Errc::cancelled);
}

TEST_CASE(
    "asking for the attributes of several devices can be cancelled", "[cancel]")
{
    Cancelled system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(2));
    system.by_script();

    CHECK(error_of([&] {
        ListedDevice::active({}, {}, AskScripts::yes, system.env);
    }).code() == Errc::cancelled);
}

TEST_CASE(
    "a start that is cancelled before a retry reports its failures", "[cancel]")
{
    Cancelled system;
    system.kernel.add_type("mtty", "mtty-1");
    system.define(1, "mtty");
    system.kernel.fail("create", EINVAL);
    std::vector<std::string> logged;
    const auto env =
        system.env.with_log([&](LogLevel level, std::string_view text) {
            if (text.find("; retrying") != text.npos)
                system.now();
            if (level == LogLevel::error)
                logged.emplace_back(text);
        });
    std::vector<Uuid> heard;
    const auto manager = Manager(env)
                             .with_retries(1, patience)
                             .with_listener([&](const Outcome& outcome) {
                                 heard.push_back(outcome.uuid());
                             });

    const auto error = error_of([&] { manager.start_all(milliseconds(0)); });

    CHECK(error.code() == Errc::cancelled);
    CHECK(logged.size() == 1);
    CHECK(heard == std::vector<Uuid>{sample_uuid(1)});
    CHECK(system.kernel.writes().size() == 1);
}

TEST_CASE("a cancelled start does not wait for another start of its device",
    "[cancel]")
{
    Cancelled system;
    system.kernel.add_type("mtty", "mtty-1");
    system.kernel.fail("create", EEXIST);
    system.kernel.before_write([&](const Write&) { system.now(); });
    const auto manager = Manager(system.env).with_idempotence();

    CHECK(error_of([&] { manager.start(sample_definition(1)); }).code() ==
        Errc::already_active);
}

}
