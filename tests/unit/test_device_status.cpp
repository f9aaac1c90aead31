// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "fake_kernel.hpp"
#include "samples.hpp"

#include <mdev/device_status.hpp>
#include <mdev/error.hpp>

#include <filesystem>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

const auto uuid = sample_uuid(1);

using Texts = std::vector<std::string>;

DeviceStatus status_of(const FakeKernel& kernel)
{
    const auto status = DeviceStatus::find(uuid, kernel.env());
    REQUIRE(status);
    return *status;
}

Texts parents(const DeviceStatus& status)
{
    Texts texts;
    for (const auto& definition : status.definitions())
        texts.push_back(definition.parent());
    return texts;
}

/// A callout script that answers `get attributes` with `answer`.
fs::path add_script(FakeKernel& kernel, const std::string& answer)
{
    return kernel.add_script(
        "[ \"$4 $6\" = 'get attributes' ] || exit 0\n" + answer + "\n");
}

}

TEST_CASE("a device that is neither active nor defined has no status",
    "[device_status]")
{
    const FakeKernel kernel;

    CHECK_FALSE(DeviceStatus::find(uuid, kernel.env()));
}

TEST_CASE("the definition for the active device's parent comes first",
    "[device_status]")
{
    FakeKernel kernel;
    kernel.add_device(uuid);
    for (const auto* parent : {"a", "mtty", "z"})
        kernel.define(parent, uuid.string(), sample_text());

    const auto status = status_of(kernel);

    CHECK(status.uuid() == uuid);
    CHECK(status.active()->parent() == "mtty");
    CHECK(parents(status) == Texts{"mtty", "a", "z"});
    CHECK(status.files().front() ==
        kernel.definition_path("mtty", uuid.string()));
    CHECK(status.differences().empty());
}

TEST_CASE("a device that is only defined has the type of its parent",
    "[device_status]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    kernel.define("mtty", uuid.string(), sample_text());

    const auto status = status_of(kernel);

    CHECK_FALSE(status.active());
    CHECK(status.type()->id() == "mtty-1");
    CHECK_FALSE(status.script());
    CHECK(status.differences().empty());
}

TEST_CASE("an active device may differ in its type", "[device_status]")
{
    FakeKernel kernel;
    kernel.add_device(uuid);
    kernel.define("mtty", uuid.string(), sample_text("mtty-2"));

    CHECK(status_of(kernel).differences() == Texts{"type"});
}

TEST_CASE("a definition on another parent does not belong to the active device",
    "[device_status]")
{
    FakeKernel kernel;
    kernel.add_device(uuid);
    kernel.define("matrix", uuid.string(), sample_text("vfio_ap"));

    CHECK(status_of(kernel).differences().empty());
    CHECK_FALSE(ListedDevice::active({}, {}, AskScripts::no, kernel.env())
                    .front()
                    .is_defined());
}

TEST_CASE("the file of a device is the VFIO file of its IOMMU group",
    "[device_status]")
{
    FakeKernel kernel;
    kernel.add_device(uuid);
    const auto device = fs::canonical(kernel.device_path(uuid));
    put_link(device / "iommu_group", "../../../kernel/iommu_groups/12");
    put_file(kernel.root() / "proc/172/comm", "qemu\n");
    put_link(kernel.root() / "proc/172/fd/3", "/dev/vfio/12");

    const auto status = status_of(kernel);

    CHECK(status.iommu_group() == "12");
    CHECK(status.device_files() == std::vector<fs::path>{"/dev/vfio/12"});
    CHECK(status.users() == Texts{"process 172 (qemu)"});
}

TEST_CASE(
    "a script reports the attributes of the active device", "[device_status]")
{
    FakeKernel kernel;
    kernel.add_device(uuid);
    kernel.define("mtty", uuid.string(), sample_text());
    const auto script = add_script(kernel, "echo '[{\"a\": \"1\"}]'");

    const auto status = status_of(kernel);

    CHECK(status.script() == script);
    REQUIRE(status.active_attributes().size() == 1);
    CHECK(status.active_attributes().front().first == "a");
    CHECK(status.differences() == Texts{"attrs"});
}

TEST_CASE("an invalid answer of a script causes a warning", "[device_status]")
{
    FakeKernel kernel;
    kernel.add_device(uuid);
    add_script(kernel, GENERATE("echo nonsense", "exit 1"));

    CHECK(status_of(kernel).active_attributes().empty());
    const auto warnings = kernel.log().texts(LogLevel::warning);
    REQUIRE_FALSE(warnings.empty());
    CHECK_THAT(warnings.back(), contains("could not report the attributes"));
}

TEST_CASE("status in JSON has both the active and the defined device",
    "[device_status]")
{
    FakeKernel kernel;
    kernel.add_device(uuid);
    kernel.define("matrix", uuid.string(), sample_text("vfio_ap"));

    const auto text = status_of(kernel).to_json();

    CHECK_THAT(text,
        contains(R"("version": 1)") && contains(R"("parent": "mtty")") &&
            contains(R"("parent": "matrix")") &&
            contains(R"("available_instances": 3)") &&
            contains(R"("script": null)"));
}

TEST_CASE("a device that cannot be read and is not defined is an error",
    "[device_status]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    const auto type = kernel.device_path(sample_uuid(1)) / "mdev_type";
    std::filesystem::remove(type);
    put_file(type);

    CHECK_THROWS_AS(DeviceStatus::find(sample_uuid(1), kernel.env()), Error);

    kernel.define("mtty", sample_uuid(1).string(), sample_text());
    CHECK(DeviceStatus::find(sample_uuid(1), kernel.env()));
    CHECK(kernel.log().texts(LogLevel::warning).size() == 1);
}

}
