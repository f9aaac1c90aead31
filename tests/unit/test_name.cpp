// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "name.hpp"

namespace mdev::test {

TEST_CASE("a component is a name that stays in its directory", "[name]")
{
    const std::string name =
        GENERATE(as<std::string>(), "0000:00:02.0", "mtty", "i915-GVTg_V5_4",
            "...", "..a", "a..", "with blank", "caf\xc3\xa9", "-p");

    CHECK(is_component(name));
}

TEST_CASE("a name that leads out of its directory is not a component", "[name]")
{
    const std::string name = GENERATE(as<std::string>(), "", ".", "..", "/",
        "a/b", "/etc", "a/", "../x", "./x");

    CHECK_FALSE(is_component(name));
}

TEST_CASE("a component has no NUL byte", "[name]")
{
    CHECK_FALSE(is_component(std::string("a\0b", 3)));
}

TEST_CASE("a component has at most 255 bytes", "[name]")
{
    CHECK(is_component(std::string(255, 'a')));
    CHECK_FALSE(is_component(std::string(256, 'a')));
}

TEST_CASE("an attribute is named by a relative path", "[name]")
{
    const std::string name = GENERATE(
        as<std::string>(), "a", "power/control", "a/b/c/d", "vendor.x/..y");

    CHECK(is_attribute_name(name));
}

TEST_CASE("an attribute's path has no empty or dot components", "[name]")
{
    const std::string name = GENERATE(as<std::string>(), "", "/", "/a", "a/",
        "a//b", "..", "../a", "a/../b", "a/..", ".", "./a", "a/./b");

    CHECK_FALSE(is_attribute_name(name));
}

TEST_CASE("an attribute's path is short enough for the kernel", "[name]")
{
    std::string name = "a";
    while (name.size() < 4096)
        name += "/a";

    CHECK_FALSE(is_attribute_name(name));
    CHECK(is_attribute_name(name.substr(0, 4095)));
}

TEST_CASE("the length of each component of an attribute is checked", "[name]")
{
    CHECK_FALSE(is_attribute_name("a/" + std::string(256, 'b')));
    CHECK_FALSE(is_attribute_name(std::string(256, 'b') + "/a"));
}

TEST_CASE(
    "the kernel's file that removes a device is not an attribute", "[name]")
{
    const auto error = error_of([] { check_attribute_name("remove"); });

    CHECK(error.code() == Errc::invalid_name);
    CHECK_THAT(error.what(), contains("removes the device"));
    CHECK_NOTHROW(check_attribute_name("removed"));
    CHECK_NOTHROW(check_attribute_name("a/remove"));
}

TEST_CASE("a parent that leads out of its directory is refused", "[name]")
{
    const auto error = error_of([] { check_parent_name("../../tmp/x"); });

    CHECK(error.code() == Errc::invalid_name);
    CHECK(error.subject() == "../../tmp/x");
    CHECK_THAT(error.what(), starts_with("Invalid parent '../../tmp/x': "));
}

TEST_CASE("a parent cannot have the name of the scripts' directory", "[name]")
{
    const auto error = error_of([] { check_parent_name("scripts.d"); });

    CHECK(error.code() == Errc::invalid_name);
}

TEST_CASE("a parent cannot have a hidden name", "[name]")
{
    const auto error = error_of([] { check_parent_name(".lock"); });

    CHECK(error.code() == Errc::invalid_name);
}

TEST_CASE("a PCI address may be a parent", "[name]")
{
    CHECK_NOTHROW(check_parent_name("0000:00:02.0"));
}

TEST_CASE("a type that leads out of its directory is refused", "[name]")
{
    const auto error = error_of([] { check_type_name(".."); });

    CHECK(error.code() == Errc::invalid_name);
    CHECK_THAT(error.what(), starts_with("Invalid mdev type '..': "));
}

TEST_CASE("an attribute that leads out of its device is refused", "[name]")
{
    const auto error = error_of([] { check_attribute_name("../remove"); });

    CHECK(error.code() == Errc::invalid_name);
    CHECK_THAT(error.what(), starts_with("Invalid attribute '../remove': "));
}

TEST_CASE(
    "a NUL byte does not truncate the reason of an invalid name", "[name]")
{
    const std::string name("a\0b", 3);

    const auto error = error_of([&] { check_type_name(name); });

    CHECK_THAT(error.what(), contains("one path component"));
}

}
