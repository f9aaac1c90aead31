// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"

#include <mdev/parent_device.hpp>

#include <cerrno>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

Names ids(const std::vector<MdevType>& types)
{
    Names ids;
    for (const auto& type : types)
        ids.push_back(type.id());
    return ids;
}

ParentDevice mtty(const FakeKernel& kernel)
{
    return *ParentDevice::find("mtty", kernel.env());
}

fs::path types_path(const FakeKernel& kernel)
{
    return kernel.type_path("mtty", "");
}

}

TEST_CASE("a parent is found by its name", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_parent("0000:00:02.0");

    const auto parent = ParentDevice::find("0000:00:02.0", kernel.env());

    REQUIRE(parent);
    CHECK(parent->name() == "0000:00:02.0");
}

TEST_CASE(
    "a parent that the kernel does not know is not found", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");

    CHECK_FALSE(ParentDevice::find("Mtty", kernel.env()));
    CHECK_FALSE(ParentDevice::find("mdpy", kernel.env()));
}

TEST_CASE("parents outside of the bus are not looked up", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");

    const auto error =
        error_of([&] { ParentDevice::find("../mdev_bus", kernel.env()); });

    CHECK(error.code() == Errc::invalid_name);
}

TEST_CASE("a system without mediated devices has no parents", "[parent_device]")
{
    const FakeKernel kernel;

    CHECK(ParentDevice::all(kernel.env()).empty());
    CHECK_FALSE(ParentDevice::find("mtty", kernel.env()));
}

TEST_CASE("parents are sorted by bytes", "[parent_device]")
{
    FakeKernel kernel;
    for (const char* name : {"mtty", "0000:00:02.0", "mdpy", "Mtty"})
        kernel.add_parent(name);

    Names names;
    for (const auto& parent : ParentDevice::all(kernel.env()))
        names.push_back(parent.name());

    CHECK(names == Names{"0000:00:02.0", "Mtty", "mdpy", "mtty"});
}

TEST_CASE("a file in the bus is not a parent", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");
    put_file(kernel.root() / "sys/class/mdev_bus/uevent");

    CHECK(ParentDevice::all(kernel.env()).size() == 1);
}

TEST_CASE(
    "a parent that disappears during the listing is omitted", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");
    put_link(kernel.root() / "sys/class/mdev_bus/mdpy", "nowhere");

    CHECK(ParentDevice::all(kernel.env()).size() == 1);
    CHECK(kernel.log().lines().empty());
}

TEST_CASE("a parent that cannot be opened does not affect the others",
    "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    put_link(kernel.root() / "sys/class/mdev_bus/loop", "loop");

    const auto parents = ParentDevice::all(kernel.env());

    REQUIRE(parents.size() == 1);
    CHECK(parents[0].name() == "mtty");
    CHECK(kernel.log().texts(LogLevel::warning).size() == 1);
}

TEST_CASE("a bus that cannot be read is an error", "[parent_device]")
{
    const FakeKernel kernel;
    put_link(kernel.root() / "sys/class/mdev_bus", "mdev_bus");

    CHECK(error_of([&] { ParentDevice::all(kernel.env()); }).cause().value() ==
        ELOOP);
}

TEST_CASE("types are sorted by their id", "[parent_device]")
{
    FakeKernel kernel;
    for (const char* id : {"mtty-2", "mtty-10", "mtty-1"})
        kernel.add_type("mtty", id);

    CHECK(ids(mtty(kernel).types()) == Names{"mtty-1", "mtty-10", "mtty-2"});
}

TEST_CASE("a parent looks up its types each time", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    const auto parent = mtty(kernel);

    kernel.add_type("mtty", "mtty-2");

    CHECK(ids(parent.types()) == Names{"mtty-1", "mtty-2"});
}

TEST_CASE("a broken type does not affect the others", "[parent_device]")
{
    FakeKernel kernel;
    for (const char* id : {"mtty-1", "mtty-2", "mtty-3"})
        kernel.add_type("mtty", id);
    put_file(kernel.type_path("mtty", "mtty-2") / "available_instances", "x");

    CHECK(ids(mtty(kernel).types()) == Names{"mtty-1", "mtty-3"});
    const auto warnings = kernel.log().texts(LogLevel::warning);
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings[0], starts_with("Type mtty-2 of mtty is ignored: "));
    CHECK_THAT(warnings[0], contains("available_instances"));
}

TEST_CASE("a type that cannot be opened does not affect the others",
    "[parent_device]")
{
    FakeKernel kernel;
    Names expected;
    for (char letter = 'a'; letter < 'q'; ++letter) {
        expected.emplace_back(1, letter);
        kernel.add_type("mtty", expected.back());
    }
    put_link(types_path(kernel) / "loop", "loop");

    CHECK(ids(mtty(kernel).types()) == expected);
    CHECK(kernel.log().texts(LogLevel::warning).size() == 1);
}

TEST_CASE("a file among the types is not a type", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    put_file(types_path(kernel) / "uevent");

    CHECK(ids(mtty(kernel).types()) == Names{"mtty-1"});
    CHECK(kernel.log().lines().empty());
}

TEST_CASE(
    "a type that disappears during the listing is omitted", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    put_link(types_path(kernel) / "mtty-2", "nowhere");

    CHECK(ids(mtty(kernel).types()) == Names{"mtty-1"});
    CHECK(kernel.log().lines().empty());
}

TEST_CASE(
    "a parent without a directory of types has no types", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");
    fs::remove(types_path(kernel).parent_path());

    CHECK(mtty(kernel).types().empty());
    CHECK(kernel.log().texts(LogLevel::warning).size() == 1);
}

TEST_CASE("a type is found by its id", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    kernel.add_type("mtty", "mtty-2");

    const auto type = mtty(kernel).type("mtty-2");

    REQUIRE(type);
    CHECK(type->id() == "mtty-2");
}

TEST_CASE("a missing type is not found", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");

    CHECK_FALSE(mtty(kernel).type("mtty-2"));
}

TEST_CASE("types outside of the parent are not looked up", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");

    const auto error = error_of([&] { mtty(kernel).type("../power"); });

    CHECK(error.code() == Errc::invalid_name);
}

TEST_CASE(
    "asking a parent without types for one is an error", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");
    fs::remove(types_path(kernel).parent_path());

    const auto error = error_of([&] { mtty(kernel).type("mtty-1"); });

    CHECK(error.code() == Errc::no_such_type);
    CHECK_THAT(error.what(),
        starts_with("Parent mtty supports no mediated devices: "));
}

TEST_CASE("asking for a broken type is an error", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    put_file(kernel.type_path("mtty", "mtty-1") / "available_instances", "x");

    CHECK_THROWS_AS(mtty(kernel).type("mtty-1"), Error);
}

TEST_CASE("the types of an empty list of parents are an empty array",
    "[parent_device]")
{
    CHECK(to_json(std::vector<ParentDevice>(), JsonFormat::compatible) == "[]");
}

TEST_CASE("the JSON of types has exactly the expected bytes", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_type("mdpy", "mdpy-vga", {"3", "vfio-pci", "vga", "640x480\n8"});
    kernel.add_type("mtty", "mtty-1", {"24", "vfio-pci", "", ""});
    kernel.add_type("mtty", "mtty-2", {"0", "vfio-pci", "Dual \xc3\xa9", ""});

    CHECK(
        to_json(ParentDevice::all(kernel.env()), JsonFormat::compatible) == R"([
  {
    "mdpy": [
      {
        "mdpy-vga": {
          "available_instances": 3,
          "device_api": "vfio-pci",
          "name": "vga",
          "description": "640x480, 8"
        }
      }
    ],
    "mtty": [
      {
        "mtty-1": {
          "available_instances": 24,
          "device_api": "vfio-pci"
        }
      },
      {
        "mtty-2": {
          "available_instances": 0,
          "device_api": "vfio-pci",
          "name": "Dual \u00e9"
        }
      }
    ]
  }
])");
}

TEST_CASE(
    "a parent without types is written with an empty array", "[parent_device]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");

    CHECK(to_json(ParentDevice::all(kernel.env()), JsonFormat::compatible) ==
        "[\n  {\n    \"mtty\": []\n  }\n]");
}

}
