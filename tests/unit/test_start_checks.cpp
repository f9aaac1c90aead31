// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "samples.hpp"
#include "start_checks.hpp"

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

/// Returns why a device of type mtty-1 on mtty cannot be started.
Error obstacle(const FakeKernel& kernel)
{
    return error_of([&] {
        check_can_start(sample_definition(1),
            Device::find(sample_uuid(1), kernel.env()), kernel.env());
    });
}

}

TEST_CASE("a device that can be started has its type", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");

    const auto type = check_can_start(sample_definition(1),
        Device::find(sample_uuid(1), kernel.env()), kernel.env());

    CHECK(type.id() == "mtty-1");
    CHECK(type.parent() == "mtty");
    CHECK(kernel.writes().empty());
}

TEST_CASE("an active device cannot be started", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));

    const auto error = obstacle(kernel);

    CHECK(error.code() == Errc::already_active);
    CHECK(error.subject() == sample_uuid(1).string());
    CHECK(std::string(error.what()) == "Device already exists");
}

TEST_CASE("a device that is active on another parent cannot be started",
    "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1), "mdpy", "mtty-1");

    const auto error = obstacle(kernel);

    CHECK(error.code() == Errc::already_active);
    CHECK(std::string(error.what()) ==
        "Device exists under different parent 'mdpy'");
}

TEST_CASE("a device that is active with another type cannot be started",
    "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1), "mtty", "mtty-2");

    const auto error = obstacle(kernel);

    CHECK(error.code() == Errc::already_active);
    CHECK(std::string(error.what()) ==
        "Device exists with different type 'mtty-2'");
}

TEST_CASE(
    "a parent in the spelling of another tool is suggested", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_type("0000:3b:00.4", "mtty-1");
    const Definition definition(sample_uuid(1), "pci_0000_3b_00_4", "mtty-1");

    const auto error =
        error_of([&] { check_can_start(definition, {}, kernel.env()); });

    CHECK(error.code() == Errc::no_such_parent);
    CHECK(std::string(error.what()) ==
        "Unable to find parent device 'pci_0000_3b_00_4'. Did you mean "
        "'0000:3b:00.4'?");
}

TEST_CASE(
    "without parents the message suggests a missing driver", "[start_checks]")
{
    const FakeKernel kernel;

    const auto error = obstacle(kernel);

    CHECK(error.code() == Errc::no_such_parent);
    CHECK(error.subject() == "mtty");
    CHECK(std::string(error.what()) ==
        "Unable to find parent device 'mtty': there are no parent "
        "devices; is the driver loaded?");
}

TEST_CASE(
    "a parent that differs only in letter case is suggested", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_type("mdpy", "mtty-1");
    kernel.add_type("Mtty", "mtty-1");

    const auto error = obstacle(kernel);

    CHECK(error.code() == Errc::no_such_parent);
    CHECK(std::string(error.what()) ==
        "Unable to find parent device 'mtty'. Did you mean 'Mtty'?");
}

TEST_CASE("the message for an unknown parent lists the known parents",
    "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_type("mdpy", "mtty-1");
    kernel.add_type("mbochs", "mtty-1");

    CHECK(std::string(obstacle(kernel).what()) ==
        "Unable to find parent device 'mtty'; the parents are mbochs, mdpy");
}

TEST_CASE("a parent without types cannot start a device", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");
    fs::remove(kernel.type_path("mtty", "").parent_path());

    const auto error = obstacle(kernel);

    CHECK(error.code() == Errc::no_such_type);
    CHECK_THAT(error.what(), contains("supports no mediated devices"));
}

TEST_CASE(
    "the message for an unknown type lists the known types", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "two-ports");
    kernel.add_type("mtty", "four-ports");

    const auto error = obstacle(kernel);

    CHECK(error.code() == Errc::no_such_type);
    CHECK(error.subject() == "mtty-1");
    CHECK(std::string(error.what()) ==
        "Parent mtty does not support mdev type mtty-1; available types are "
        "four-ports, two-ports");
}

TEST_CASE("a type with a typing error is suggested", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "MTTY-1");
    kernel.add_type("mtty", "mtty-2");

    CHECK(std::string(obstacle(kernel).what()) ==
        "Parent mtty does not support mdev type mtty-1. Did you mean "
        "'MTTY-1'?");
}

TEST_CASE("a parent may temporarily have no types", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");

    CHECK(std::string(obstacle(kernel).what()) ==
        "Parent mtty does not support mdev type mtty-1; it currently has no "
        "types");
}

TEST_CASE(
    "a type without an available instance starts no device", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1", {"0", "vfio-pci", "", ""});

    const auto error = obstacle(kernel);

    CHECK(error.code() == Errc::no_instance_left);
    CHECK(std::string(error.what()) ==
        "No available instances of mtty-1 on mtty");
}

TEST_CASE(
    "a parent that several names resemble is not suggested", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_type("MTTY", "mtty-1");
    kernel.add_type("Mtty", "mtty-1");

    CHECK(std::string(obstacle(kernel).what()) ==
        "Unable to find parent device 'mtty'; the parents are MTTY, Mtty");
}

TEST_CASE(
    "a start is not possible while its type cannot be read", "[start_checks]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    CHECK_FALSE(is_not_possible_yet(sample_definition(1), kernel.env()));

    put_file(kernel.type_path("mtty", "mtty-1") / "available_instances", "?");

    CHECK(is_not_possible_yet(sample_definition(1), kernel.env()));
}

}
