// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "usual_definition.hpp"

#include <mdev/error.hpp>

namespace mdev::test {

namespace {

/// Returns the definition that the JSON parser reads; nothing if the parser
/// refuses the text.
std::optional<Definition> read_by_parser(std::string_view text)
try {
    return parse_any_definition(text, Uuid(), "P",
        [] { return std::string("input"); }, UnknownStart::refused, {});
} catch (const Error&) {
    return {};
}

bool is_read_alike(std::string_view text)
{
    Access::Impl<Definition> usual;
    const auto parsed = read_by_parser(text);
    return read_usual_definition(text, usual) && parsed &&
        usual.type_id == parsed->type_id() && usual.start == parsed->start() &&
        usual.attributes == parsed->attributes();
}

bool is_left_to_parser(std::string_view text)
{
    Access::Impl<Definition> usual;
    return !read_usual_definition(text, usual);
}

}

TEST_CASE("a usual definition is read with the result of the JSON parser",
    "[usual_definition]")
{
    CHECK(is_read_alike(R"({"mdev_type": "T", "start": "auto", "attrs": []})"));
    CHECK(is_read_alike("{\n  \"mdev_type\": \"T\",\n  \"start\": \"manual\",\n"
                        "  \"attrs\": [\n    {\n      \"a\": \"1\"\n    },\n"
                        "    {\n      \"a/b\": \"\"\n    }\n  ]\n}\n"));
    CHECK(is_read_alike(
        "\t{\"attrs\":[{\"a\":\"{}[],:\"}],\"start\":\"auto\",\r\n"
        "\"mdev_type\":\"T\"} "));
    CHECK(is_read_alike(R"({"start":"manual","mdev_type":"T"})"));
}

TEST_CASE("valid definitions in unusual form are left to the JSON parser",
    "[usual_definition]")
{
    const auto* text = GENERATE(
        R"({"mdev_type":"T","start":"auto","attrs":null})",
        R"({"mdev_type":"T","start":"auto","other":1})",
        R"({"mdev_type":"\u0054","start":"auto"})",
        R"({"mdev_type":"T","start":"auto","attrs":[{"a":"\n"}]})",
        "{\"mdev_type\":\"T\",\"start\":\"auto\",\"attrs\":[{\"a\":\"\x7f\"}]}",
        "{\"mdev_type\":\"\xc3\xa4\",\"start\":\"auto\"}");
    CHECK(read_by_parser(text));
    CHECK(is_left_to_parser(text));
}

TEST_CASE("the JSON parser refuses invalid definitions", "[usual_definition]")
{
    const auto* text =
        GENERATE("", " ", "{", "{}", "[]", R"({"mdev_type":"T"})",
            R"({"start":"auto"})", R"({"mdev_type":"","start":"auto"})",
            R"({"mdev_type":"a/b","start":"auto"})",
            R"({"mdev_type":"T","start":""})",
            R"({"mdev_type":"T","start":"later"})",
            R"({"mdev_type":"T","start":"auto",})",
            R"({"mdev_type":"T","start":"auto"}})",
            R"({"mdev_type":"T","start":"auto"} x)",
            R"({"mdev_type":"T","start":"auto)",
            R"({"mdev_type":"T" "start":"auto"})",
            R"({"mdev_type":"","mdev_type":"T","start":"auto"})",
            R"({"mdev_type":"T","start":"auto","start":"auto"})",
            R"({"mdev_type":"T","start":"auto","attrs":[],"attrs":[]})",
            R"({"mdev_type":"T","start":"auto","attrs":[{}]})",
            R"({"mdev_type":"T","start":"auto","attrs":[{"a":"1"},]})",
            R"({"mdev_type":"T","start":"auto","attrs":[{"a":"1","b":"2"}]})",
            R"({"mdev_type":"T","start":"auto","attrs":[{"a":1}]})",
            R"({"mdev_type":"T","start":"auto","attrs":[{"../a":"1"}]})",
            R"({"mdev_type":"T","start":"auto","attrs":[{"remove":"1"}]})",
            "{\"mdev_type\":\"T\n\",\"start\":\"auto\"}");
    CHECK(!read_by_parser(text));
    CHECK(is_left_to_parser(text));
}

TEST_CASE("a NUL byte is left to the JSON parser", "[usual_definition]")
{
    using namespace std::string_view_literals;
    CHECK(is_left_to_parser("{\"mdev_type\":\"T\0\",\"start\":\"auto\"}"sv));
    CHECK(is_left_to_parser("{\"mdev_type\":\"T\",\"start\":\"auto\"}\0"sv));
}

}
