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

/// The entries of a document with these devices.
std::vector<HostEntry> entries(
    const std::string& devices, const Environment& env)
{
    return entries_of(HostState::from_json(
        R"({"version": 1, "devices": [)" + devices + "]}", "host.json", env));
}

Error refusal(const std::string& devices, const Environment& env)
{
    return error_of([&] { entries(devices, env); });
}

}

TEST_CASE("the state of a host is its definitions and devices", "[host_state]")
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

TEST_CASE("what runs with another type is left as it is", "[host_state]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    kernel.define("mtty", sample_uuid(1).string(),
        R"({"mdev_type": "other", "start": "auto"})");

    const auto state = HostState::of(kernel.env());
    const auto again =
        HostState::from_json(state.to_json(), "host.json", kernel.env());

    CHECK(state.to_json().find("\"active\": null") != std::string::npos);
    CHECK(again.to_json() == state.to_json());
    for (const auto& entry : {entries_of(state).at(0), entries_of(again).at(0)})
        CHECK_FALSE(entry.is_to_run());
}

TEST_CASE("a document says the same when it is read again", "[host_state]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(),
        R"({"mdev_type": "T", "start": "auto", "attrs": [{"a": "1"}],)"
        R"( "mine": {"b": [1, null]}})");
    kernel.add_device(sample_uuid(2));

    const auto text = HostState::of(kernel.env()).to_json();

    CHECK(text.find("\"mine\"") != text.npos);
    CHECK(HostState::from_json(text, "host.json", kernel.env()).to_json() ==
        text);
}

TEST_CASE(
    "a definition may be as deep in a document as in its file", "[host_state]")
{
    FakeKernel kernel;
    const auto definition = [](std::size_t levels) {
        return R"({"mdev_type": "T", "start": "manual", "attrs": [], "mine": )" +
            std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
    };
    const auto read = [&](const std::string& text) {
        return entries_of(HostState::from_json(text, "host.json", kernel.env()))
            .size();
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

TEST_CASE(
    "a device is defined and not started unless it says so", "[host_state]")
{
    FakeKernel kernel;

    const auto entry =
        entries(R"({"uuid": "00000000-0000-4000-8000-000000000001",)"
                R"( "parent": "P", "type": "T"})",
            kernel.env())
            .at(0);

    CHECK(entry.definition.uuid() == sample_uuid(1));
    CHECK(entry.definition.start() == StartMode::manual);
    CHECK(entry.definition.attributes().empty());
    CHECK(entry.is_defined);
    CHECK_FALSE(entry.is_active);
    CHECK_FALSE(entry.is_to_run());
    CHECK_FALSE(entry.has_others);
}

TEST_CASE("what starts by itself is to run", "[host_state]")
{
    FakeKernel kernel;
    const auto to_run = [&](const std::string& members) {
        return entries(
            R"({"name": "a", "parent": "P", "type": "T")" + members + "}",
            kernel.env())
            .at(0)
            .is_to_run();
    };

    CHECK(to_run(R"(, "start": "auto")") == true);
    CHECK(to_run(R"(, "start": "auto", "active": false)") == false);
    CHECK(to_run(R"(, "active": true)") == true);
    CHECK(to_run(R"(, "start": "auto", "defined": false)") == std::nullopt);
}

TEST_CASE("a name is a UUID in its space of names", "[host_state]")
{
    FakeKernel kernel;
    const auto uuid = [&](const std::string& space) {
        return entries_of(
            HostState::from_json(R"({"version": 1, )" + space +
                    R"("devices": [{"name": "vm1", "parent": "P", "type": "T"}]})",
                "host.json", kernel.env()))
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

TEST_CASE("a parent is found however it is spelt", "[host_state]")
{
    FakeKernel kernel;
    kernel.add_type("0000:3b:00.4", "nvidia-35");
    const auto called = [&](const std::string& spelling) {
        return resolve_parent(spelling, kernel.env());
    };

    CHECK(called("0000:3b:00.4") == "0000:3b:00.4");
    CHECK(called("3b:00.4") == "0000:3b:00.4");
    CHECK(called("3B:00.4") == "0000:3b:00.4");
    CHECK(called("/sys/bus/pci/devices/0000:3b:00.4/") == "0000:3b:00.4");
    CHECK(called("matrix") == "matrix");
    CHECK(called("/sys/devices/vfio_ap/matrix") == "matrix");
    CHECK(error_of([&] { called("/"); }).code() == Errc::invalid_name);
    CHECK(error_of([&] { called("a/b"); }).code() == Errc::invalid_name);
}

TEST_CASE(
    "a parent that two names resemble is taken as it is spelt", "[host_state]")
{
    FakeKernel kernel;
    kernel.add_parent("MTTY");
    kernel.add_parent("Mtty");

    CHECK(resolve_parent("mtty", kernel.env()) == "mtty");
    kernel.add_parent("mtty");
    CHECK(resolve_parent("mtty", kernel.env()) == "mtty");
}

TEST_CASE("a type is found by the vendor's name", "[host_state]")
{
    FakeKernel kernel;
    kernel.add_type("gpu", "nvidia-35", {"1", "vfio-pci", "GRID P4-1Q", ""});
    kernel.add_type("gpu", "nvidia-36", {"1", "vfio-pci", "GRID P4-2Q", ""});
    kernel.add_type("gpu", "nvidia-37", {"1", "vfio-pci", "GRID P4-2Q", ""});
    const auto called = [&](const std::string& spelling,
                            const std::string& parent = "gpu") {
        return resolve_type(spelling, parent, kernel.env());
    };

    CHECK(called("nvidia-36") == "nvidia-36");
    CHECK(called("GRID P4-1Q") == "nvidia-35");
    CHECK(called("nvidia-99") == "nvidia-99");
    CHECK(called("nvidia-99", "gone") == "nvidia-99");

    const auto two = error_of([&] { called("GRID P4-2Q"); });
    CHECK(two.code() == Errc::ambiguous);
    CHECK(std::string(two.what()) ==
        "parent gpu calls several types 'GRID P4-2Q': nvidia-36, nvidia-37");
    CHECK(error_of([&] { called("GRID P4-9Q"); }).code() == Errc::no_such_type);
    CHECK(error_of([&] { called("GRID P4-1Q", "gone"); }).code() ==
        Errc::no_such_type);
}

TEST_CASE("a document that cannot be meant is refused", "[host_state]")
{
    FakeKernel kernel;
    const auto env = kernel.env();

    const auto broken =
        error_of([&] { HostState::from_json("{", "host.json", env); });
    CHECK(broken.code() == Errc::invalid_definition);
    CHECK(broken.subject() == "host.json");

    const auto name =
        refusal(R"({"name": "a", "parent": "../etc", "type": "T"})", env);
    CHECK(name.code() == Errc::invalid_definition);
    CHECK(
        std::string(name.what()).find("host.json: device 0: Invalid parent") ==
        0);

    const auto twice = refusal(R"({"name": "a", "parent": "P", "type": "T"},)"
                               R"({"name": "a", "parent": "P", "type": "U"})",
        env);
    CHECK(
        std::string(twice.what()).find("is there twice") != std::string::npos);
}

TEST_CASE("a member of another kind is refused by its name", "[host_state]")
{
    FakeKernel kernel;
    const auto env = kernel.env();

    const auto number =
        refusal(R"({"name": "a", "parent": 1, "type": "T"})", env);

    CHECK(number.code() == Errc::invalid_definition);
    CHECK_THAT(number.what(), contains("'parent' must be a string, not "));
}

TEST_CASE("a document is read from a file", "[host_state]")
{
    FakeKernel kernel;
    kernel.define("P", "host.json", R"({"version": 1, "devices": []})");
    const auto file = kernel.definition_path("P", "host.json");

    CHECK(entries_of(HostState::from_file(file, kernel.env())).empty());
    CHECK(error_of([&] {
        HostState::from_file(kernel.root() / "nosuch", kernel.env());
    }).code() == std::errc::no_such_file_or_directory);
}

TEST_CASE("a state without a broken definition is complete", "[host_state]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(), sample_text());
    // Neither is a definition.
    kernel.define("mtty", "README", "");
    kernel.define("mtty", sample_uuid(2).string() + ".bak", "{");

    CHECK(HostState::of(kernel.env()).is_complete());
    CHECK(HostState::from_json(
        R"({"version": 1, "devices": []})", "host.json", kernel.env())
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

TEST_CASE("a state with a directory that cannot be read is not complete",
    "[host_state]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(), sample_text());
    std::filesystem::permissions(
        kernel.root() / "etc/mdevctl.d/mtty", std::filesystem::perms::none);
    const Unprivileged nobody;

    CHECK_FALSE(HostState::of(kernel.env()).is_complete());
}

}
