// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "samples.hpp"

#include <mdev/listed_device.hpp>

namespace mdev::test {

namespace {

std::vector<ListedDevice> active(const FakeKernel& kernel)
{
    return ListedDevice::active({}, {}, AskScripts::no, kernel.env());
}

std::vector<ListedDevice> defined(const FakeKernel& kernel)
{
    return ListedDevice::defined({}, {}, AskScripts::no, kernel.env());
}

void define(FakeKernel& kernel, std::uint8_t number,
    const std::string& type = "mtty-1", const std::string& parent = "mtty")
{
    kernel.define(
        parent, sample_uuid(number).string(), sample_text(type, "auto"));
}

}

TEST_CASE("on an empty system no device is listed", "[listed_device]")
{
    FakeKernel kernel;

    CHECK(active(kernel).empty());
    CHECK(defined(kernel).empty());
}

TEST_CASE("an active device is listed with its active type", "[listed_device]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));

    const auto list = active(kernel);

    REQUIRE(list.size() == 1);
    CHECK(list[0].definition().uuid() == sample_uuid(1));
    CHECK(list[0].definition().type_id() == "mtty-1");
    CHECK(list[0].is_active());
    CHECK_FALSE(list[0].is_defined());
    CHECK(list[0].path() == kernel.device_path(sample_uuid(1)));
    CHECK(list[0].file().empty());
    CHECK(defined(kernel).empty());
}

TEST_CASE(
    "a device that is active and defined has both states", "[listed_device]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    define(kernel, 1);
    const auto file = kernel.definition_path("mtty", sample_uuid(1).string());

    for (const auto& list : {active(kernel), defined(kernel)}) {
        REQUIRE(list.size() == 1);
        CHECK(list[0].is_active());
        CHECK(list[0].is_defined());
        CHECK(list[0].definition().start() == StartMode::automatic);
        CHECK(list[0].differences().empty());
        CHECK(list[0].path() == kernel.device_path(sample_uuid(1)));
        CHECK(list[0].file() == file);
    }
}

TEST_CASE(
    "a device with another type than its definition differs", "[listed_device]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    define(kernel, 1, "mtty-2");

    CHECK(active(kernel).at(0).definition().type_id() == "mtty-1");
    CHECK(
        active(kernel).at(0).differences() == std::vector<std::string>{"type"});
    CHECK(defined(kernel).at(0).definition().type_id() == "mtty-2");
    CHECK(defined(kernel).at(0).differences() ==
        std::vector<std::string>{"type"});
}

TEST_CASE("a definition on another parent does not make a device active",
    "[listed_device]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    define(kernel, 1, "mtty-1", "other");

    CHECK_FALSE(active(kernel).at(0).is_defined());
    CHECK_FALSE(defined(kernel).at(0).is_active());
}

TEST_CASE("a broken definition counts, and causes a warning", "[listed_device]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    kernel.define("mtty", sample_uuid(1).string(), "broken");

    const auto list = active(kernel);

    REQUIRE(list.size() == 1);
    CHECK(list[0].is_defined());
    CHECK(kernel.log().texts(LogLevel::warning).size() == 1);
    CHECK(defined(kernel).empty());
}

TEST_CASE("the file of a broken definition in another spelling is listed",
    "[listed_device]")
{
    FakeKernel kernel;
    const auto uuid = *Uuid::parse("abcdef00-0000-4000-8000-0000000000ff");
    const std::string upper = "ABCDEF00-0000-4000-8000-0000000000FF";
    kernel.add_device(uuid);
    kernel.define("mtty", upper, "broken");

    const auto list = active(kernel);

    REQUIRE(list.size() == 1);
    CHECK(list[0].is_defined());
    CHECK(list[0].file() == kernel.definition_path("mtty", upper));
}

TEST_CASE("a list may be limited to a UUID or a parent", "[listed_device]")
{
    FakeKernel kernel;
    for (std::uint8_t number = 1; number < 4; ++number) {
        const auto* const parent = number == 3 ? "other" : "mtty";
        kernel.add_device(sample_uuid(number), parent);
        define(kernel, number, "mtty-1", parent);
    }
    const auto env = kernel.env();
    const auto count = [&](const std::optional<Uuid>& uuid,
                           const std::optional<std::string>& parent) {
        const auto list =
            ListedDevice::defined(uuid, parent, AskScripts::no, env);
        CHECK(ListedDevice::active(uuid, parent, AskScripts::no, env).size() ==
            list.size());
        return list.size();
    };

    CHECK(count({}, {}) == 3);
    CHECK(count({}, "mtty") == 2);
    CHECK(count(sample_uuid(3), {}) == 1);
    CHECK(count(sample_uuid(3), "mtty") == 0);
    CHECK(count({}, "nosuch") == 0);
    CHECK(error_of([&] {
        ListedDevice::defined({}, "..", AskScripts::no, env);
    }).code() == Errc::invalid_name);
}

TEST_CASE("scripts are asked about active and defined devices on request"
          "wanted",
    "[listed_device]")
{
    FakeKernel kernel;
    const auto asked = kernel.root() / "asked";
    kernel.add_script("[ \"$6\" = attributes ] || exit 2\n"
                      "echo \"${10}\" >>" +
        asked.string() + "\necho '[{\"a\":\"2\"}]'\n");
    for (const std::uint8_t number : {1, 2})
        kernel.add_device(sample_uuid(number));
    for (const std::uint8_t number : {1, 3})
        define(kernel, number);
    const auto differences = [&](AskScripts ask) {
        return ListedDevice::defined({}, {}, ask, kernel.env())
            .at(0)
            .differences();
    };

    CHECK(differences(AskScripts::no).empty());
    CHECK_FALSE(std::filesystem::exists(asked));
    CHECK(differences(AskScripts::yes) == std::vector<std::string>{"attrs"});
    CHECK(file_content(asked) == sample_uuid(1).string() + "\n");
}

TEST_CASE("a parallel script is asked about each device", "[listed_device]")
{
    FakeKernel kernel;
    kernel.add_script("[ $6 != capabilities ] || exec echo "
                      "'{\"supports\":{\"version\":2,\"parallel\":true,"
                      "\"actions\":[\"attributes\"],\"events\":[\"get\"]}}'\n"
                      "echo \"[{\\\"a\\\":\\\"${10}\\\"}]\"\n");
    for (const std::uint8_t number : {1, 2, 3})
        kernel.add_device(sample_uuid(number));

    const auto list =
        ListedDevice::active({}, {}, AskScripts::yes, kernel.env());

    REQUIRE(list.size() == 3);
    for (const auto& each : list) {
        const auto& device = each.definition();
        REQUIRE(device.attributes().size() == 1);
        CHECK(device.attributes()[0].second == device.uuid().string());
    }
}

TEST_CASE("a list of devices has a JSON document", "[listed_device]")
{
    FakeKernel kernel;
    define(kernel, 1);

    CHECK(to_json(std::vector<ListedDevice>(), JsonFormat::flat) ==
        "{\n  \"version\": 1,\n  \"devices\": []\n}");
    CHECK(to_json(defined(kernel), JsonFormat::flat) ==
        R"({
  "version": 1,
  "devices": [
    {
      "uuid": "00000000-0000-4000-8000-000000000001",
      "parent": "mtty",
      "type": "mtty-1",
      "start": "auto",
      "attrs": [],
      "active": false,
      "defined": true,
      "differs": [],
      "path": null,
      "file": ")" +
            kernel.definition_path("mtty", sample_uuid(1).string()).string() +
            R"(",
      "framework": null
    }
  ]
})");
}

}
