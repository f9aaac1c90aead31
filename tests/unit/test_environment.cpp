// SPDX-License-Identifier: LGPL-2.1-or-later
#include "captured_log.hpp"
#include "catch.hpp"
#include "environment_impl.hpp"

#include <mdev/environment.hpp>

namespace mdev::test {

using std::chrono::milliseconds;

namespace {

LogFunction into(CapturedLog& log)
{
    return
        [&log](LogLevel level, std::string_view text) { log.add(level, text); };
}

}

TEST_CASE("the real system has the root /", "[environment]")
{
    const Environment env;

    CHECK(env.root() == "/");
    CHECK(env.parents_directory() == "/sys/class/mdev_bus");
    CHECK(env.devices_directory() == "/sys/bus/mdev/devices");
    CHECK(env.definitions_directory() == "/etc/mdevctl.d");
}

TEST_CASE("every path is below the root", "[environment]")
{
    const Environment env("/some/root");

    CHECK(env.root() == "/some/root");
    CHECK(env.parents_directory() == "/some/root/sys/class/mdev_bus");
    CHECK(env.devices_directory() == "/some/root/sys/bus/mdev/devices");
    CHECK(env.definitions_directory() == "/some/root/etc/mdevctl.d");
}

TEST_CASE("the default timeout for the lock is one minute", "[environment]")
{
    CHECK(Environment().lock_timeout() == std::chrono::minutes(1));
}

TEST_CASE("another lock timeout leaves the original unchanged", "[environment]")
{
    const Environment env("/root");

    const auto changed = env.with_lock_timeout(milliseconds(5));

    CHECK(changed.lock_timeout() == milliseconds(5));
    CHECK(changed.root() == "/root");
    CHECK(env.lock_timeout() == std::chrono::minutes(1));
}

TEST_CASE("a listener gets the level and the message", "[environment]")
{
    CapturedLog heard;
    const auto env = Environment().with_log(into(heard));

    env.log(LogLevel::warning, "a message");

    REQUIRE(heard.lines().size() == 1);
    CHECK(heard.lines()[0].level == LogLevel::warning);
    CHECK(heard.lines()[0].text == "a message");
}

TEST_CASE(
    "a listener of a copy is not a listener of the original", "[environment]")
{
    CapturedLog heard;
    const Environment env;
    const auto changed = env.with_log(into(heard));

    env.log(LogLevel::error, "a message");

    CHECK(heard.lines().empty());
}

TEST_CASE("without a listener, messages are discarded", "[environment]")
{
    const auto env = Environment().with_log({});

    CHECK_NOTHROW(env.log(LogLevel::error, "a message"));
}

TEST_CASE("an environment keeps its listener when its timeout changes",
    "[environment]")
{
    CapturedLog heard;
    const auto env =
        Environment().with_log(into(heard)).with_lock_timeout(milliseconds(0));

    env.log(LogLevel::info, "a message");

    CHECK(heard.texts(LogLevel::info).size() == 1);
}

TEST_CASE("copies of an environment share its sysfs", "[environment]")
{
    const auto given = std::make_shared<const Sysfs>();
    const auto env = with_sysfs(Environment("/r"), given);

    const auto copy = env.with_lock_timeout(milliseconds(1)).with_log({});

    CHECK(Access::impl(copy).sysfs == given);
    CHECK(copy.root() == "/r");
}

TEST_CASE("directories may be outside of the root", "[environment]")
{
    const auto env = Environment("/root")
                         .with_config_directory("/config")
                         .with_script_directories({"/a", "/b"})
                         .with_root("/other");
    using Paths = std::vector<std::filesystem::path>;

    CHECK(env.definitions_directory() == "/config");
    CHECK(env.parents_directory() == "/other/sys/class/mdev_bus");
    CHECK(env.callout_directories() == Paths{"/a/callouts", "/b/callouts"});
    CHECK(env.notifier_directories() == Paths{"/a/notifiers", "/b/notifiers"});
    CHECK(env.with_script_directories({}).callout_directories().empty());
    CHECK(Environment("/root")
              .with_config_directory("/config")
              .callout_directories()
              .back() == "/config/scripts.d/callouts");
}

}
