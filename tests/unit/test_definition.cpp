// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "samples.hpp"

#include <mdev/definition.hpp>

namespace mdev::test {

namespace {

using Attributes = std::vector<Attribute>;

Definition with_attributes()
{
    auto definition = sample_definition(1);
    definition.set_attributes({{"a", "1"}, {"b", "2"}});
    return definition;
}

}

TEST_CASE("a new definition is started manually", "[definition]")
{
    const Definition definition(sample_uuid(1), "mtty", "mtty-1");

    CHECK(definition.uuid() == sample_uuid(1));
    CHECK(definition.parent() == "mtty");
    CHECK(definition.type_id() == "mtty-1");
    CHECK(definition.start() == StartMode::manual);
    CHECK(definition.attributes().empty());
}

TEST_CASE("a definition cannot have an unsafe parent", "[definition]")
{
    const std::string parent = GENERATE(
        as<std::string>(), "", "..", "a/b", "../../tmp/x", "scripts.d", ".x");

    const auto error =
        error_of([&] { Definition(sample_uuid(1), parent, "mtty-1"); });

    CHECK(error.code() == Errc::invalid_name);
}

TEST_CASE("a definition cannot have an unsafe type", "[definition]")
{
    const std::string type =
        GENERATE(as<std::string>(), "", ".", "..", "a/b", "/etc");

    const auto error =
        error_of([&] { Definition(sample_uuid(1), "mtty", type); });

    CHECK(error.code() == Errc::invalid_name);
}

TEST_CASE(
    "a definition cannot have a type too long for a file name", "[definition]")
{
    CHECK_THROWS_AS(Definition(sample_uuid(1), "mtty", "mtty-\xff"), Error);
}

TEST_CASE("a new type replaces the old type", "[definition]")
{
    auto definition = sample_definition(1);

    definition.set_type_id("mtty-2");

    CHECK(definition.type_id() == "mtty-2");
}

TEST_CASE("an unsafe type leaves the old type unchanged", "[definition]")
{
    auto definition = sample_definition(1);

    const auto error = error_of([&] { definition.set_type_id("../x"); });

    CHECK(error.code() == Errc::invalid_name);
    CHECK(definition.type_id() == "mtty-1");
}

TEST_CASE("a definition may be started automatically", "[definition]")
{
    auto definition = sample_definition(1);

    definition.set_start(StartMode::automatic);

    CHECK(definition.start() == StartMode::automatic);
}

TEST_CASE("copies of a definition are independent", "[definition]")
{
    const auto original = with_attributes();

    auto copy = original;
    copy.set_type_id("mtty-2");
    copy.set_start(StartMode::automatic);
    copy.append_attribute("c", "3");

    CHECK(original.type_id() == "mtty-1");
    CHECK(original.start() == StartMode::manual);
    CHECK(original.attributes().size() == 2);
}

TEST_CASE("attributes keep their order and repetitions", "[definition]")
{
    auto definition = sample_definition(1);
    const Attributes attributes{
        {"assign_adapter", "5"}, {"a", "1"}, {"assign_adapter", "5"}};

    definition.set_attributes(attributes);

    CHECK(definition.attributes() == attributes);
}

TEST_CASE("an appended attribute becomes the last attribute", "[definition]")
{
    auto definition = with_attributes();

    definition.append_attribute("c", "3");

    CHECK(definition.attributes() ==
        Attributes{{"a", "1"}, {"b", "2"}, {"c", "3"}});
}

TEST_CASE("an attribute is inserted before the attribute with its index",
    "[definition]")
{
    auto definition = with_attributes();

    definition.insert_attribute(1, "c", "3");

    CHECK(definition.attributes() ==
        Attributes{{"a", "1"}, {"c", "3"}, {"b", "2"}});
}

TEST_CASE(
    "an attribute may be inserted after the last attribute", "[definition]")
{
    auto definition = with_attributes();

    definition.insert_attribute(2, "c", "3");

    CHECK(definition.attributes().back() == Attribute("c", "3"));
}

TEST_CASE("an attribute cannot be inserted beyond the end", "[definition]")
{
    auto definition = with_attributes();

    const auto error =
        error_of([&] { definition.insert_attribute(3, "c", "3"); });

    CHECK(error.code() == Errc::invalid_index);
    CHECK(std::string(error.what()) ==
        "Invalid attribute index 3: the attributes are 0 'a' = '1', "
        "1 'b' = '2'");
    CHECK(definition.attributes().size() == 2);
}

TEST_CASE("an attribute is erased by its index", "[definition]")
{
    auto definition = with_attributes();

    definition.erase_attribute(0);

    CHECK(definition.attributes() == Attributes{{"b", "2"}});
}

TEST_CASE(
    "erasing at the index after the last attribute is an error", "[definition]")
{
    auto definition = with_attributes();

    const auto error = error_of([&] { definition.erase_attribute(2); });

    CHECK(error.code() == Errc::invalid_index);
    CHECK(definition.attributes().size() == 2);
}

TEST_CASE("erasing an attribute of an empty list is an error", "[definition]")
{
    auto definition = sample_definition(1);

    const auto error = error_of([&] { definition.erase_attribute(0); });

    CHECK(std::string(error.what()) ==
        "Invalid attribute index 0: the definition has no attributes");
}

TEST_CASE("an index near the maximum number is beyond the end", "[definition]")
{
    auto definition = with_attributes();
    const auto greatest = static_cast<std::size_t>(-1);

    CHECK_THROWS_AS(definition.erase_attribute(greatest), Error);
    CHECK_THROWS_AS(definition.insert_attribute(greatest, "c", "3"), Error);
}

TEST_CASE("an attribute's name may be a path below the device", "[definition]")
{
    auto definition = sample_definition(1);

    definition.append_attribute("power/control", "auto");

    CHECK(definition.attributes().back().first == "power/control");
}

TEST_CASE(
    "an attribute that leads out of the device is refused", "[definition]")
{
    auto definition = sample_definition(1);

    const auto error =
        error_of([&] { definition.append_attribute("../../tmp/victim", "1"); });

    CHECK(error.code() == Errc::invalid_name);
    CHECK(definition.attributes().empty());
}

TEST_CASE(
    "one unsafe attribute leaves all attributes unchanged", "[definition]")
{
    auto definition = with_attributes();

    const auto error = error_of([&] {
        definition.set_attributes({{"c", "3"}, {"/etc/passwd", "x"}});
    });

    CHECK(error.code() == Errc::invalid_name);
    CHECK(definition.attributes().size() == 2);
}

TEST_CASE("an attribute's value cannot have a NUL byte", "[definition]")
{
    auto definition = sample_definition(1);

    const auto error = error_of(
        [&] { definition.append_attribute("a", std::string("1\0002", 3)); });

    CHECK(error.code() == Errc::invalid_definition);
}

TEST_CASE("an attribute must be valid UTF-8", "[definition]")
{
    auto definition = sample_definition(1);

    CHECK_THROWS_AS(definition.append_attribute("a", "\xff"), Error);
    CHECK_THROWS_AS(definition.append_attribute("\xff", "a"), Error);
    CHECK_NOTHROW(definition.append_attribute("caf\xc3\xa9", "\xe2\x82\xac"));
}

TEST_CASE(
    "an attribute's value may be empty or have several lines", "[definition]")
{
    auto definition = sample_definition(1);

    definition.append_attribute("a", "");
    definition.append_attribute("b", "1\n2\n");

    CHECK(definition.attributes() == Attributes{{"a", ""}, {"b", "1\n2\n"}});
}

}
