// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "heard.hpp"
#include "samples.hpp"

#include <mdev/config_store.hpp>
#include <mdev/manager.hpp>

#include <utility>

namespace mdev::test {

namespace {

using Names = std::vector<std::string>;

/// A system with a parent, and state files with devices on this parent.
struct System {
    FakeKernel kernel;
    Heard heard;
    Manager manager = Manager(kernel.env()).with_listener(heard.listener());

    System()
    {
        kernel.give_attributes({"a"});
        kernel.add_type("mtty", "mtty-1", {"2", "vfio-pci", "Serial", ""});
    }
    void define(std::uint8_t number, const std::string& text = sample_text())
    {
        kernel.define("mtty", sample_uuid(number).string(), text);
    }
    /// Applies a state with these devices. Returns the received results.
    Names apply(const Names& devices, Prune prune = Prune::no,
        ActiveDevices active_devices = ActiveDevices::leave)
    {
        heard.lines.clear();
        std::string list;
        for (const auto& device : devices)
            list += (list.empty() ? "" : ", ") + device;
        manager.apply(
            HostState::from_json(
                R"({"version": 1, "devices": [)" + list + "]}", "host.json"),
            prune, active_devices);
        return heard.lines;
    }
    std::optional<Definition> stored(std::uint8_t number) const
    {
        return ConfigStore(kernel.env()).find(sample_uuid(number), "mtty");
    }
    bool is_active(std::uint8_t number) const
    {
        return Device::find(sample_uuid(number), kernel.env()).has_value();
    }
};

/// Returns a device of a state file, with additional members.
std::string device(std::uint8_t number, const std::string& members = "",
    const std::string& parent = "mtty")
{
    return R"({"uuid": ")" + sample_uuid(number).string() +
        R"(", "parent": ")" + parent + R"(", "type": "mtty-1")" + members + "}";
}

}

TEST_CASE("the definitions of a state file are made once", "[manager]")
{
    System system;
    system.define(1);
    const Names devices{
        device(1, R"(, "start": "auto")"), device(2), device(3)};
    system.define(3);

    CHECK(system.apply(devices) == Names{"modify 1!", "define 2!", "modify 3"});
    CHECK(system.stored(1)->start() == StartMode::automatic);
    CHECK(system.stored(2));
    CHECK(system.apply(devices) == Names{"modify 1", "modify 2", "modify 3"});
    CHECK(system.kernel.writes().empty());
}

TEST_CASE("members that a state file does not have are preserved", "[manager]")
{
    System system;
    system.define(1, R"({"mdev_type": "x", "start": "manual", "mine": 1})");

    system.apply({device(1)});
    CHECK(system.stored(1)->type_id() == "mtty-1");
    CHECK(system.stored(1)->to_json().find("\"mine\": 1") != std::string::npos);

    CHECK(system.apply({device(1, R"(, "others": {"mine": 2})")}) ==
        Names{"modify 1!"});
    CHECK(system.stored(1)->to_json().find("\"mine\": 2") != std::string::npos);
}

TEST_CASE("definitions that a state file does not have remain, or are pruned",
    "[manager]")
{
    System system;
    system.define(1);
    system.kernel.add_device(sample_uuid(2));

    CHECK(system.apply({}).empty());
    CHECK(system.apply({}, Prune::yes) == Names{"undefine 1!"});
    CHECK(system.is_active(2));
    CHECK(
        system.apply({}, Prune::yes, ActiveDevices::apply) == Names{"stop 2!"});
    CHECK_FALSE(system.is_active(2));
}

TEST_CASE("unwanted devices are undefined and stopped", "[manager]")
{
    System system;
    system.define(1);
    system.kernel.add_device(sample_uuid(1));
    const Names devices{device(1, R"(, "defined": false, "active": false)")};

    CHECK(system.apply(devices) == Names{"undefine 1!"});
    CHECK(system.apply(devices, Prune::no, ActiveDevices::apply) ==
        Names{"stop 1!", "undefine 1"});
    CHECK(system.apply(devices, Prune::no, ActiveDevices::apply) ==
        Names{"stop 1", "undefine 1"});
}

TEST_CASE(
    "a device that has moved to another parent is not stopped", "[manager]")
{
    const auto prune = GENERATE(Prune::no, Prune::yes);
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(2));
    system.kernel.add_type("other", "mtty-1");
    system.kernel.before_write([&, is_moved = false](const Write&) mutable {
        if (std::exchange(is_moved, true))
            return;
        system.kernel.remove_device(sample_uuid(2));
        system.kernel.add_device(sample_uuid(2), "other");
    });
    const auto unwanted = R"(, "defined": false, "active": false)";
    const Names devices{device(1, unwanted), device(2, unwanted)};

    const auto lines = system.apply(
        prune == Prune::yes ? Names() : devices, prune, ActiveDevices::apply);

    REQUIRE(lines.size() >= 2);
    CHECK(lines[0] == "stop 1!");
    CHECK(lines[1] == "stop 2");
    CHECK(system.is_active(2));
}

TEST_CASE("wanted devices are started", "[manager]")
{
    System system;
    const Names devices{device(1, R"(, "start": "auto")"),
        device(2, R"(, "defined": false, "active": true)"), device(3)};

    CHECK(
        system.apply(devices) == Names{"define 1!", "undefine 2", "define 3!"});
    CHECK(system.apply(devices, Prune::no, ActiveDevices::apply) ==
        Names{"modify 1", "undefine 2", "modify 3", "start 1!", "start 2!"});
    CHECK_FALSE(system.is_active(3));
    CHECK(system.apply(devices, Prune::no, ActiveDevices::apply).back() ==
        "start 2");
}

TEST_CASE("obstacles are found before any change", "[manager]")
{
    System system;
    const auto running = ActiveDevices::apply;
    const auto active = R"(, "active": true)";
    const auto error = [&](const Names& devices) {
        const auto found =
            error_of([&] { system.apply(devices, Prune::no, running); });
        CHECK(system.heard.lines.empty());
        CHECK(std::string(found.what()).find("Nothing was changed: ") == 0);
        CHECK_FALSE(system.stored(1));
        CHECK(system.kernel.writes().empty());
        return found.code();
    };

    CHECK(
        error({device(1), device(2, active, "gone")}) == Errc::no_such_parent);
    CHECK(error({device(1, active), device(2, active), device(3, active)}) ==
        Errc::no_instance_left);
    CHECK(error({device(1, active), device(1, active, "other")}) ==
        Errc::already_active);
    system.kernel.add_device(sample_uuid(4), "other");
    CHECK(error({device(1), device(4, active)}) == Errc::already_active);
    CHECK(error({device(1), device(4, active), device(5, active, "gone")}) ==
        Errc::already_active);
    CHECK(system.kernel.log().texts(LogLevel::error).size() == 2);
}

TEST_CASE("an obstacle of several devices is logged once", "[manager]")
{
    System system;
    const auto gone = [](std::uint8_t number) {
        return device(number, R"(, "active": true)", "gone");
    };

    CHECK(error_of([&] {
        system.apply(
            {gone(1), gone(2), gone(3)}, Prune::no, ActiveDevices::apply);
    }).code() == Errc::no_such_parent);

    const auto logged = system.kernel.log().texts(LogLevel::error);
    REQUIRE(logged.size() == 1);
    CHECK(logged[0].find(sample_uuid(1).string()) != std::string::npos);
    CHECK(logged[0].find("; 2 more devices fail for this reason") !=
        std::string::npos);
}

TEST_CASE("a dry run moves an active device to another parent", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_type("other", "mtty-1", {"1", "vfio-pci", "", ""});
    system.manager = system.manager.with_dry_run();

    CHECK(system.apply({device(1, R"(, "active": false)"),
                           device(1, R"(, "active": true)", "other")},
              Prune::no, ActiveDevices::apply) ==
        Names{"stop 1!", "define 1!", "define 1!", "start 1!"});
    CHECK(system.kernel.writes().empty());
}

TEST_CASE("a device that is stopped first frees an instance", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_type("mtty", "mtty-1", {"0", "vfio-pci", "Serial", ""});
    system.kernel.before_write([&](const Write&) {
        system.kernel.add_type(
            "mtty", "mtty-1", {"1", "vfio-pci", "Serial", ""});
    });

    CHECK(system.apply({device(1, R"(, "active": false)"),
                           device(2, R"(, "active": true)")},
              Prune::no, ActiveDevices::apply) ==
        Names{"stop 1!", "define 1!", "define 2!", "start 2!"});
}

TEST_CASE("a step that fails does not stop the others", "[manager]")
{
    System system;
    system.kernel.fail_write(1, EIO);
    const Names devices{
        device(1, R"(, "start": "auto")"), device(2, R"(, "start": "auto")")};

    const auto error = error_of(
        [&] { system.apply(devices, Prune::no, ActiveDevices::apply); });

    CHECK(error.code() == Errc::partial_failure);
    CHECK(std::string(error.what()) == "1 of 4 changes failed");
    CHECK(system.heard.lines ==
        Names{"define 1!", "define 2!", "start 1?", "start 2!"});
}

TEST_CASE("a broken definition is replaced", "[manager]")
{
    System system;
    system.define(1, "broken");
    system.define(2, "broken");

    CHECK(system.apply({device(1)}, Prune::yes) == Names{"modify 1!"});
    CHECK(system.stored(1));
    CHECK(
        error_of([&] { system.stored(2); }).code() == Errc::invalid_definition);
}

TEST_CASE("a dry run reports the present types", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1), "mtty", "mtty-9");
    system.define(1, sample_text("mtty-8"));
    Names types;
    system.manager = Manager(system.kernel.env())
                         .with_dry_run()
                         .with_listener([&](const Outcome& outcome) {
                             types.push_back(outcome.type_id());
                         });

    system.apply({device(1, R"(, "defined": false, "active": false)")},
        Prune::no, ActiveDevices::apply);

    CHECK(types == Names{"mtty-9", "mtty-8"});
}

TEST_CASE(
    "an unwanted broken definition is removed without being read", "[manager]")
{
    System system;
    system.define(1, "broken");

    CHECK(system.apply({device(1, R"(, "defined": false)")}) ==
        Names{"undefine 1!"});
    CHECK_FALSE(system.stored(1));
}

TEST_CASE("a dry run applies nothing", "[manager]")
{
    System system;
    system.define(1);
    system.kernel.add_device(sample_uuid(2));
    system.manager = system.manager.with_dry_run();

    CHECK(system.apply({device(3, R"(, "start": "auto")")}, Prune::yes,
              ActiveDevices::apply) ==
        Names{"stop 2!", "undefine 1!", "define 3!", "start 3!"});
    CHECK(system.stored(1));
    CHECK_FALSE(system.stored(3));
    CHECK(system.kernel.writes().empty());
}

TEST_CASE("unreadable definitions are left unchanged", "[manager]")
{
    System system;
    const auto directory = system.kernel.env().definitions_directory() / "mtty";
    put_link(directory, directory);

    const auto error = error_of([&] { system.apply({device(1)}); });

    CHECK_THAT(error.what(), contains(directory.string()));
    CHECK(std::filesystem::is_symlink(directory));
}

TEST_CASE(
    "a definition that is too large is found before any change", "[manager]")
{
    System system;
    system.define(1);
    // 600 kB of UTF-8. The escaped text is three times as long.
    std::string text;
    for (int i = 0; i < 300000; ++i)
        text += "\xc3\xa9";
    const auto large = R"(, "attrs": [{"a": ")" + text + R"("}])";
    const std::uint8_t number = GENERATE(std::uint8_t(1), std::uint8_t(3));

    const auto error = error_of([&] {
        system.apply({device(2), device(number, large)});
    });

    CHECK(error.code() == Errc::invalid_definition);
    CHECK_THAT(error.what(), starts_with("Nothing was changed: "));
    CHECK_FALSE(system.stored(2));
}

}
