// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "samples.hpp"

#include <mdev/device.hpp>
#include <mdev/mdev_type.hpp>
#include <mdev/parent_device.hpp>

#include <cerrno>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

MdevType type_of(const FakeKernel& kernel)
{
    return *ParentDevice::find("mtty", kernel.env())->type("mtty-1");
}

/// Returns the message when the kernel refuses a device with this errno.
Error create_error(int error)
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    kernel.fail("create", error);
    return error_of([&] { type_of(kernel).create(sample_uuid(1)); });
}

/// Returns the message for a type with a file of this content.
Error read_error(const std::string& file, const std::string& content)
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    put_file(kernel.type_path("mtty", "mtty-1") / file, content);
    return error_of([&] { type_of(kernel); });
}

}

TEST_CASE("a type has the values of its files", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type(
        "mtty", "mtty-1", {"24", "vfio-pci", "Single port serial", "Fast"});

    const auto type = type_of(kernel);

    CHECK(type.id() == "mtty-1");
    CHECK(type.parent() == "mtty");
    CHECK(type.available_instances() == 24);
    CHECK(type.device_api() == "vfio-pci");
    CHECK(type.name() == "Single port serial");
    CHECK(type.description() == "Fast");
    CHECK(type.path() == kernel.type_path("mtty", "mtty-1"));
}

TEST_CASE("a type may lack a name and a description", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");

    const auto type = type_of(kernel);

    CHECK(type.name().empty());
    CHECK(type.description().empty());
}

TEST_CASE("a description of several lines is joined by commas", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1",
        {"1", "vfio-pci", "", "low_gm_size: 64MB\nhigh_gm_size: 384MB\nfence"});

    CHECK(type_of(kernel).description() ==
        "low_gm_size: 64MB, high_gm_size: 384MB, fence");
}

TEST_CASE("a type may have more instances than 32 bits hold", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1", {"4294967296", "vfio-pci", "", ""});

    CHECK(type_of(kernel).available_instances() == 4294967296);
}

TEST_CASE("a type may have no available instance", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1", {"0", "vfio-pci", "", ""});

    CHECK(type_of(kernel).available_instances() == 0);
}

TEST_CASE("an invalid number of instances is an error", "[mdev_type]")
{
    const std::string text = GENERATE(as<std::string>(), "", "x", "-1", "1x",
        "+1", "0x10", "1 2", "99999999999999999999");

    const auto error = read_error("available_instances", text);

    CHECK(error.cause().value() == EINVAL);
    CHECK_THAT(error.subject(), contains("mtty-1/available_instances"));
    CHECK_THAT(error.what(),
        contains(
            "contains '" + text + "', which is not a number of instances"));
}

TEST_CASE("a type needs a number of instances and an API", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    const std::string file =
        GENERATE(as<std::string>(), "available_instances", "device_api");
    fs::remove(kernel.type_path("mtty", "mtty-1") / file);

    const auto error = error_of([&] { type_of(kernel); });

    CHECK(error.cause().value() == ENOENT);
    CHECK_THAT(error.subject(), contains(file));
}

TEST_CASE(
    "a type keeps the values of the time when it was looked up", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    const auto type = type_of(kernel);

    type.create(sample_uuid(1));

    CHECK(type.available_instances() == 4);
    CHECK(type_of(kernel).available_instances() == 3);
}

TEST_CASE("a device is created by one write of its UUID", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");

    type_of(kernel).create(sample_uuid(1));

    CHECK(kernel.writes() ==
        std::vector<Write>{
            {"sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create",
                "00000000-0000-4000-8000-000000000001"}});
}

TEST_CASE("a created device is active", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");

    const auto device = type_of(kernel).create(sample_uuid(1));

    CHECK(device.uuid() == sample_uuid(1));
    CHECK(device.parent() == "mtty");
    CHECK(device.type_id() == "mtty-1");
    CHECK(Device::find(sample_uuid(1), kernel.env()));
}

TEST_CASE("an existing device is not created again", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));

    const auto error =
        error_of([&] { type_of(kernel).create(sample_uuid(1)); });

    CHECK(error.code() == Errc::already_active);
    CHECK(error.cause().value() == EEXIST);
    CHECK_THAT(error.what(), starts_with("Device already exists"));
    CHECK_THAT(error.what(), contains("File exists"));
}

TEST_CASE("a parent without capacity creates no device", "[mdev_type]")
{
    const int number = GENERATE(ENOSPC, EUSERS);
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1", {"1", "vfio-pci", "", ""});
    const auto type = type_of(kernel);
    kernel.add_device(sample_uuid(2));
    kernel.fail("create", number);

    const auto error = error_of([&] { type.create(sample_uuid(1)); });

    CHECK(error.code() == Errc::no_instance_left);
    CHECK(error.cause().value() == number);
    CHECK_THAT(
        error.what(), starts_with("No available instance of mtty-1 on mtty: "));
}

TEST_CASE(
    "a parent may lack resources that its driver does not count", "[mdev_type]")
{
    const auto error = create_error(ENOSPC);

    CHECK(error.code() == Errc::no_instance_left);
    CHECK_THAT(error.what(), contains("although available_instances is 4"));
    CHECK_THAT(error.what(), contains("dmesg"));
}

TEST_CASE("a refusal by the driver is distinguished from a full parent",
    "[mdev_type]")
{
    const auto error = create_error(EINVAL);

    CHECK(error.code() == std::error_code(EINVAL, std::system_category()));
    CHECK_THAT(error.what(), contains("driver of mtty refuses a mtty-1"));
    CHECK_THAT(error.what(), contains("Invalid argument"));
}

TEST_CASE("a parent that is being removed creates no device", "[mdev_type]")
{
    const auto error = create_error(ENODEV);

    CHECK(error.code() == std::error_code(ENODEV, std::system_category()));
    CHECK_THAT(error.what(), starts_with("Parent mtty is being removed: "));
}

TEST_CASE("other errors are errors of the kernel", "[mdev_type]")
{
    const auto error = create_error(EIO);

    CHECK(error.code() == std::error_code(EIO, std::system_category()));
    CHECK_THAT(error.what(), contains("mtty-1/create: Input/output error"));
}

TEST_CASE("a type that no longer exists creates no device", "[mdev_type]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    const auto type = type_of(kernel);
    fs::remove_all(kernel.type_path("mtty", "mtty-1"));

    const auto error = error_of([&] { type.create(sample_uuid(1)); });

    CHECK(error.code() == Errc::no_such_type);
    CHECK(std::string(error.what()) == "Type mtty-1 of mtty no longer exists");
    CHECK(kernel.writes().empty());
}

}
