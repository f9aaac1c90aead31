// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "host_state_impl.hpp"
#include "restraint.hpp"
#include "samples.hpp"

#include <mdev/error.hpp>

namespace mdev::test {
namespace {
std::vector<HostEntry> entries_of(const HostState& state)
{
    return Access::impl(state).entries;
}

/// Returns the entries of a state file with these devices.
std::vector<HostEntry> entries(const std::string& devices)
{
    return entries_of(HostState::from_json(
        R"({"version": 1, "devices": [)" + devices + "]}", "host.json"));
}

Error refusal(const std::string& devices)
{
    return error_of([&] { entries(devices); });
}

}

TEST_CASE("the state of a host consists of definitions and active devices",
    "[host_state]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(), sample_text());
    kernel.add_device(sample_uuid(1));
    kernel.add_device(sample_uuid(2));

    const auto state = HostState::of(kernel.env());
    const auto& found = Access::impl(state).entries;

    REQUIRE(found.size() == 2);
    CHECK(found[0].definition.uuid() == sample_uuid(1));
    CHECK(found[0].is_defined);
    CHECK(found[0].is_active == true);
    CHECK(found[1].definition.uuid() == sample_uuid(2));
    CHECK_FALSE(found[1].is_defined);
    CHECK(found[1].is_active == true);
}

TEST_CASE("a device that is active with another type is left unchanged",
    "[host_state]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    kernel.define("mtty", sample_uuid(1).string(),
        R"({"mdev_type": "other", "start": "auto"})");

    const auto state = HostState::of(kernel.env());
    const auto again = HostState::from_json(state.to_json(), "host.json");

    CHECK(state.to_json().find("\"active\": null") != std::string::npos);
    CHECK(again.to_json() == state.to_json());
    for (const auto& entry : {entries_of(state).at(0), entries_of(again).at(0)})
        CHECK_FALSE(entry.is_to_run());
}

TEST_CASE("a host state is unchanged when it is written and read again",
    "[host_state]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(),
        R"({"mdev_type": "T", "start": "auto", "attrs": [{"a": "1"}],)"
        R"( "mine": {"b": [1, null]}})");
    kernel.add_device(sample_uuid(2));

    const auto text = HostState::of(kernel.env()).to_json();

    CHECK(text.find("\"mine\"") != text.npos);
    CHECK(HostState::from_json(text, "host.json").to_json() == text);
}

TEST_CASE(
    "a definition has the same depth limit in a state file", "[host_state]")
{
    FakeKernel kernel;
    const auto definition = [](std::size_t levels) {
        return R"({"mdev_type": "T", "start": "manual", "attrs": [], "mine": )" +
            std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
    };
    const auto read = [&](const std::string& text) {
        return entries_of(HostState::from_json(text, "host.json")).size();
    };
    const auto list = [&](std::size_t levels) {
        return R"([{"mtty": [{")" + sample_uuid(1).string() + R"(": )" +
            definition(levels) + "}]}]";
    };
    kernel.define("mtty", sample_uuid(1).string(), definition(32));
    auto text = HostState::of(kernel.env()).to_json();

    CHECK(read(text) == 1);
    CHECK(read(list(32)) == 1);
    text.replace(text.find("[]", text.find("mine")), 2, "[[]]");
    CHECK(error_of([&] { read(text); }).code() == Errc::invalid_definition);
    CHECK(error_of([&] { read(list(33)); }).code() == Errc::invalid_definition);
}

TEST_CASE("by default a device is defined and not started", "[host_state]")
{
    const auto entry =
        entries(R"({"uuid": "00000000-0000-4000-8000-000000000001",)"
                R"( "parent": "P", "type": "T"})")
            .at(0);

    CHECK(entry.definition.uuid() == sample_uuid(1));
    CHECK(entry.definition.start() == StartMode::manual);
    CHECK(entry.definition.attributes().empty());
    CHECK(entry.is_defined);
    CHECK_FALSE(entry.is_active);
    CHECK_FALSE(entry.is_to_run());
    CHECK_FALSE(entry.has_others);
}

TEST_CASE("a device with autostart is to be active", "[host_state]")
{
    const auto to_run = [&](const std::string& members) {
        return entries(
            R"({"name": "a", "parent": "P", "type": "T")" + members + "}")
            .at(0)
            .is_to_run();
    };

    CHECK(to_run(R"(, "start": "auto")") == true);
    CHECK(to_run(R"(, "start": "auto", "active": false)") == false);
    CHECK(to_run(R"(, "active": true)") == true);
    CHECK(to_run(R"(, "start": "auto", "defined": false)") == std::nullopt);
}

TEST_CASE("a name becomes a UUID of its namespace", "[host_state]")
{
    const auto uuid = [&](const std::string& space) {
        return entries_of(
            HostState::from_json(R"({"version": 1, )" + space +
                    R"("devices": [{"name": "vm1", "parent": "P", "type": "T"}]})",
                "host.json"))
            .at(0)
            .definition.uuid()
            .string();
    };

    CHECK(uuid("") == "631f03b4-d3a5-5da0-8d80-efd39b507050");
    CHECK(uuid(R"("namespace": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", )") ==
        Uuid::from_name(
            *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), "vm1")
            .string());
}

TEST_CASE("a device has its name from the state file", "[host_state]")
{
    const auto devices = HostState::from_json(R"({"version": 1, "devices": [
        {"name": "vm1", "parent": "P", "type": "T"},
        {"uuid": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "parent": "P",
         "type": "T"}]})",
        "host.json")
                             .devices();

    CHECK(devices.at(0).name() == "vm1");
    CHECK(devices.at(1).name().empty());
    CHECK(HostDevice(devices.at(0).definition()).name().empty());
}

TEST_CASE("a state file keeps its names of parents and types", "[host_state]")
{
    FakeKernel kernel;
    kernel.add_type("0000:3b:00.4", "nvidia-35", {"1", "vfio-pci", "GRID", ""});
    const auto state = HostState::from_json(
        R"({"version": 1, "devices": [{"name": "a", "parent":)"
        R"( "/sys/bus/pci/devices/3B:00.4/", "type": "GRID"}]})",
        "host.json");

    const auto written = entries_of(state).at(0).definition;
    CHECK(written.parent() == "3B:00.4");
    CHECK(written.type_id() == "GRID");
    const auto resolved = resolved_entries(state, kernel.env());
    CHECK(resolved.at(0).definition.parent() == "0000:3b:00.4");
    CHECK(resolved.at(0).definition.type_id() == "nvidia-35");
}

TEST_CASE("the vendor's name of a type may contain a slash", "[host_state]")
{
    FakeKernel kernel;
    kernel.add_type(
        "0.0.0313", "vfio_ccw-io", {"1", "vfio-ccw", "I/O subchannel", ""});
    const auto state = HostState::from_json(
        R"({"version": 1, "devices": [{"name": "a", "parent": "0.0.0313",)"
        R"( "type": "I/O subchannel"}]})",
        "host.json");

    CHECK_THAT(state.to_json(), contains("\"I/O subchannel\""));
    CHECK(resolved_entries(state, kernel.env()).at(0).definition.type_id() ==
        "vfio_ccw-io");
    const auto path = refusal(
        R"({"name": "a", "parent": "0.0.0313", "type": "../vfio_ccw-io"})");
    CHECK(path.code() == Errc::invalid_definition);
}

TEST_CASE("a list has the kernel's names, which are preserved", "[host_state]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    const auto state = HostState::from_json(R"([{"MTTY": [{")" +
            sample_uuid(1).string() + R"(": )" + sample_text() + "}]}]",
        "host.json");

    CHECK(resolved_entries(state, kernel.env()).at(0).definition.parent() ==
        "MTTY");
}

TEST_CASE(
    "an error about an unknown name has the place of the name", "[host_state]")
{
    FakeKernel kernel;
    kernel.add_parent("MTTY");
    kernel.add_parent("Mtty");
    const auto refusal_of = [&](const std::string& devices) {
        const auto state = HostState::from_json(
            R"({"version": 1, "devices": [)" + devices + "]}", "host.json");
        return error_of([&] { resolved_entries(state, kernel.env()); });
    };

    const auto ambiguous =
        refusal_of(R"({"name": "a", "parent": "mtty", "type": "T"})");
    const auto unknown =
        refusal_of(R"({"name": "b", "parent": "P", "type": "T"},)"
                   R"({"name": "a", "parent": "P", "type": "a b"})");
    const auto twice =
        refusal_of(R"({"name": "a", "parent": "00:02.0", "type": "T"},)"
                   R"({"name": "a", "parent": "0000:00:02.0", "type": "T"})");

    CHECK(ambiguous.code() == Errc::ambiguous);
    CHECK_THAT(ambiguous.what(),
        starts_with("Cannot use host.json: device 0: 'mtty' "));
    CHECK(unknown.code() == Errc::no_such_type);
    CHECK_THAT(unknown.what(),
        starts_with("Cannot use host.json: device 1: Parent P "));
    CHECK(twice.code() == Errc::invalid_definition);
    CHECK_THAT(twice.what(), starts_with("Cannot use host.json: device "));
}

TEST_CASE("a contradictory state file is refused", "[host_state]")
{
    const auto broken =
        error_of([&] { HostState::from_json("{", "host.json"); });
    CHECK(broken.code() == Errc::invalid_definition);
    CHECK(broken.subject() == "host.json");

    const auto name =
        refusal(R"({"name": "a", "parent": "../etc", "type": "T"})");
    CHECK(name.code() == Errc::invalid_definition);
    CHECK(std::string(name.what())
              .find("Cannot use host.json: device 0: Invalid parent") == 0);

    const auto twice = refusal(R"({"name": "a", "parent": "P", "type": "T"},)"
                               R"({"name": "a", "parent": "P", "type": "U"})");
    CHECK(std::string(twice.what()).find("occurs twice") != std::string::npos);
}

TEST_CASE(
    "the message about a member of the wrong kind has its name", "[host_state]")
{
    const auto number = refusal(R"({"name": "a", "parent": 1, "type": "T"})");

    CHECK(number.code() == Errc::invalid_definition);
    CHECK_THAT(number.what(), contains("'parent' must be a string, not "));
}

TEST_CASE("a state is read from a file", "[host_state]")
{
    FakeKernel kernel;
    kernel.define("P", "host.json", R"({"version": 1, "devices": []})");
    const auto file = kernel.definition_path("P", "host.json");

    CHECK(entries_of(HostState::from_file(file, kernel.env())).empty());
    CHECK(error_of([&] {
        HostState::from_file(kernel.root() / "nosuch", kernel.env());
    }).code() == std::errc::no_such_file_or_directory);
}

TEST_CASE("a state without broken definitions is complete", "[host_state]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(), sample_text());
    // Neither of these files is a definition.
    kernel.define("mtty", "README", "");
    kernel.define("mtty", sample_uuid(2).string() + ".bak", "{");

    CHECK(HostState::of(kernel.env()).is_complete());
    CHECK(HostState::from_json(R"({"version": 1, "devices": []})", "host.json")
              .is_complete());
}

TEST_CASE("a state with a broken definition is not complete", "[host_state]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(), "{");
    kernel.define("mtty", sample_uuid(2).string(), sample_text());

    const auto state = HostState::of(kernel.env());

    CHECK_FALSE(state.is_complete());
    CHECK(entries_of(state).size() == 1);
}

TEST_CASE(
    "a state with an unreadable directory is not complete", "[host_state]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(), sample_text());
    std::filesystem::permissions(
        kernel.root() / "etc/mdevctl.d/mtty", std::filesystem::perms::none);
    const Unprivileged nobody;

    CHECK_FALSE(HostState::of(kernel.env()).is_complete());
}

TEST_CASE(
    "a state with a partly created device is not complete", "[host_state]")
{
    FakeKernel kernel;
    for (const auto& uuid : {sample_uuid(1), sample_uuid(2)}) {
        kernel.add_device(uuid);
        put_file(
            kernel.root() / "run/mdevctl" / (uuid.string() + ".start"), "-");
    }
    kernel.define("mtty", sample_uuid(2).string(), sample_text());

    const auto state = HostState::of(kernel.env());

    // The attributes of a defined device come from its definition.
    REQUIRE(entries_of(state).size() == 1);
    CHECK(entries_of(state)[0].definition.uuid() == sample_uuid(2));
    CHECK_FALSE(state.is_complete());
    CHECK(kernel.log().texts(LogLevel::warning).size() == 1);
}

TEST_CASE("a state can be made from devices", "[host_state]")
{
    auto definition = sample_definition(1);
    definition.set_start(StartMode::automatic);
    const HostState state({HostDevice(definition),
        HostDevice(sample_definition(2))
            .defined(false)
            .activity(Activity::active),
        HostDevice(sample_definition(3)).activity(Activity::unknown)});

    const auto again = HostState::from_json(state.to_json(), "host.json");
    const auto devices = again.devices();

    REQUIRE(devices.size() == 3);
    CHECK(state.is_complete());
    CHECK(devices[0].definition().start() == StartMode::automatic);
    CHECK(devices[0].is_defined());
    CHECK(devices[0].activity() == Activity::by_start_mode);
    CHECK_FALSE(devices[1].is_defined());
    CHECK(devices[1].activity() == Activity::active);
    CHECK(devices[2].activity() == Activity::unknown);
    CHECK(again.to_json() == state.to_json());
}

TEST_CASE("a device of a state has value semantics", "[host_state]")
{
    HostDevice device(sample_definition(1));
    const auto before = device;

    device.activity(Activity::active).activity(Activity::inactive);

    CHECK(device.activity() == Activity::inactive);
    CHECK(before.activity() == Activity::by_start_mode);
    CHECK(device.activity(Activity::by_start_mode).activity() ==
        Activity::by_start_mode);
}

TEST_CASE("a state contains each device once", "[host_state]")
{
    const HostDevice device(sample_definition(1));

    const auto error = error_of([&] { HostState({device, device}); });

    CHECK(error.code() == Errc::invalid_definition);
    CHECK(std::string(error.what()).find("occurs twice") != std::string::npos);
}

}
