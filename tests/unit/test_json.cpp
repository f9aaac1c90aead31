// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "json.hpp"
#include "text.hpp"

#include <stdexcept>

namespace mdev::test {

namespace {

std::string as_string(std::string_view text)
{
    std::string out;
    json::Writer(out, json::Layout::compact).string(text);
    return out;
}

std::string as_pretty(std::string_view text)
{
    return json::pretty(json::parse(text));
}

/// Returns the error message for a text.
std::string fault(std::string_view text)
{
    try {
        json::parse(text);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing";
}

std::string nested(std::size_t depth)
{
    return std::string(depth, '[') + std::string(depth, ']');
}

}

TEST_CASE("JSON with 32 levels is read", "[json]")
{
    CHECK(fault(nested(32)) == "nothing");
}

TEST_CASE("JSON with 33 levels is refused", "[json]")
{
    CHECK(fault(nested(33)) != "nothing");
}

TEST_CASE("a million brackets are refused without recursion", "[json]")
{
    CHECK(fault(std::string(1000000, '[')) != "nothing");
}

TEST_CASE("white space around JSON is ignored", "[json]")
{
    CHECK(fault(" \r\n\t{} \r\n\t") == "nothing");
}

TEST_CASE("a text without JSON is reported as empty", "[json]")
{
    CHECK(fault("") == "it is empty");
    CHECK(fault(" \r\n\t") == "it is empty");
}

TEST_CASE("text that is not strict JSON is refused", "[json]")
{
    const std::string text = GENERATE(as<std::string>(), "{", "}", "{]", "[1,]",
        "{\"a\":1,}", "{'a':1}", "{a:1}", "// x\n{}", "{} {}", "{}x", "nul",
        "\"a", "\"\t\"", "01", "+1", "NaN", "[1 2]", "{\"a\" 1}",
        "\xef\xbb\xbf"
        "{}");

    CHECK(fault(text) != "nothing");
}

TEST_CASE("strings that are not valid Unicode are refused", "[json]")
{
    const std::string text = GENERATE(as<std::string>(), "\"\xff\"", "\"\xc3\"",
        "\"\xc0\x80\"", "\"\xed\xa0\x80\"", R"("\ud800")", R"("\udc00")",
        R"("\ud800\ud800")", R"("\ud83dx")", R"("\u12")", R"("\x41")");

    CHECK(fault(text) != "nothing");
}

TEST_CASE("a NUL byte in JSON is refused", "[json]")
{
    using namespace std::string_view_literals;

    CHECK(fault("{}\0"sv) != "nothing");
    CHECK(fault("{\"a\0\": 1}"sv) != "nothing");
    CHECK(fault("\0{}"sv) != "nothing");
}

TEST_CASE("an error in JSON is reported with line and column", "[json]")
{
    CHECK_THAT(fault("{\n  \"a\": x\n}"), contains("line 2, column 8"));
    CHECK_THAT(fault("x"), contains("line 1, column 1"));
}

TEST_CASE("an error in JSON is reported with the expected text", "[json]")
{
    CHECK(fault("{\n  \"a\": 1\n  \"b\": 2\n}") ==
        "line 3, column 3: expected ',' or '}'");
    CHECK(fault("{\"a\": 1,}") ==
        "line 1, column 9: expected a key in double quotes");
    CHECK(
        fault("{a: 1}") == "line 1, column 2: expected a key in double quotes");
    CHECK(fault("{\"\u00fc\" 1}") ==
        "line 1, column 6: expected ':' behind the key");
    CHECK(fault("{\"a\": }") == "line 1, column 7: expected a value");
    CHECK(fault("{\"a\": auto}") ==
        "line 1, column 7: expected a value; a string needs double quotes");
    CHECK(fault("{\"a\": \"b\n}") ==
        "line 1, column 9: expected '\"' at the end of the string");
    CHECK(fault("x = 1") == "line 1, column 1: expected '{' or '['");
    CHECK(fault("[1 2]") == "line 1, column 4: expected ',' or ']'");
    CHECK(fault("[1, {\"a\": [true, null") ==
        "line 1, column 22: expected ',' or ']', not the end of the text");
    CHECK(fault("{} {}") == "line 1, column 4: expected the end of the text");
}

TEST_CASE(
    "an error inside a number or string is reported with its place", "[json]")
{
    CHECK_THAT(fault("[1.2.3]"), starts_with("line 1, column "));
    CHECK_THAT(fault("[\"\\x\"]"), starts_with("line 1, column "));
    CHECK_THAT(fault("[\"\xff\"]"), starts_with("line 1, column "));
    CHECK_THAT(fault(std::string(100, '[')), starts_with("line 1, column "));
}

TEST_CASE("JSON that ends too early is reported with this reason", "[json]")
{
    CHECK_THAT(fault("{\"a\":"), contains("not the end of the text"));
}

TEST_CASE("each kind of JSON value has a name", "[json]")
{
    CHECK(json::kind(json::parse("null")) == "null");
    CHECK(json::kind(json::parse("true")) == "a boolean");
    CHECK(json::kind(json::parse("-1")) == "a number");
    CHECK(json::kind(json::parse("1")) == "a number");
    CHECK(json::kind(json::parse("1.5")) == "a number");
    CHECK(json::kind(json::parse("\"\"")) == "a string");
    CHECK(json::kind(json::parse("[]")) == "an array");
    CHECK(json::kind(json::parse("{}")) == "an object");
}

TEST_CASE("UTF-8 is distinguished from other bytes", "[json]")
{
    CHECK(is_utf8(""));
    CHECK(is_utf8("ascii \x7f"));
    CHECK(is_utf8("\xc2\x80 \xdf\xbf"));
    CHECK(is_utf8("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80"));
    CHECK(is_utf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

TEST_CASE("bytes that are in no character are not UTF-8", "[json]")
{
    const std::string text = GENERATE(as<std::string>(), "\x80", "\xbf", "\xc0",
        "\xc1\xbf", "\xc3", "\xc3(", "\xe2\x82", "\xe2(\xa1", "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xf0\x9f\x98", "\xff", "a\xfe");

    CHECK_FALSE(is_utf8(text));
}

TEST_CASE("plain ASCII is written unchanged", "[json]")
{
    CHECK(as_string("azAZ09 /<>&'~") == "\"azAZ09 /<>&'~\"");
    CHECK(as_string("\x7f") == "\"\x7f\"");
}

TEST_CASE("quotes, backslashes and control characters are escaped", "[json]")
{
    using namespace std::string_view_literals;

    CHECK(as_string("\"\\\b\f\n\r\t") == R"("\"\\\b\f\n\r\t")");
    CHECK(as_string("\0\x01\x1f"sv) == R"("\u0000\u0001\u001f")");
}

TEST_CASE("characters above ASCII are written as numbers", "[json]")
{
    CHECK(as_string("\xc2\x80") == R"("\u0080")");
    CHECK(as_string("caf\xc3\xa9") == R"("caf\u00e9")");
    CHECK(as_string("\xe2\x82\xac") == R"("\u20ac")");
    CHECK(as_string("\xef\xbf\xbf") == R"("\uffff")");
}

TEST_CASE("characters above 16 bits are written as surrogate pairs", "[json]")
{
    CHECK(as_string("\xf0\x9f\x98\x80") == R"("\ud83d\ude00")");
    CHECK(as_string("\xf0\x90\x80\x80") == R"("\ud800\udc00")");
    CHECK(as_string("\xf4\x8f\xbf\xbf") == R"("\udbff\udfff")");
}

TEST_CASE("a byte that is not UTF-8 is written as U+FFFD", "[json]")
{
    CHECK(as_string("a\xff z") == R"("a\ufffd z")");
    CHECK(as_string("\xe2\x82") == R"("\ufffd\ufffd")");
}

TEST_CASE("written text is read as the same value", "[json]")
{
    std::string text;
    for (int c = 1; c < 0x80; ++c)
        text += static_cast<char>(c);
    text += "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";

    const auto value = json::parse(as_string(text));

    CHECK(std::string(value.as_string()) == text);
}

TEST_CASE("empty containers are written on one line", "[json]")
{
    CHECK(as_pretty("[ ]") == "[]");
    CHECK(as_pretty("{ }") == "{}");
}

TEST_CASE("members are on lines of their own, indented by two blanks", "[json]")
{
    CHECK(as_pretty(R"({"a":[1,{"b":null}],"c":{}})") == R"({
  "a": [
    1,
    {
      "b": null
    }
  ],
  "c": {}
})");
}

TEST_CASE("a writer separates the pieces that are added", "[json]")
{
    const auto written = [](json::Layout layout) {
        std::string out = "behind ";
        json::Writer writer(out, layout);
        writer.begin_object();
        writer.key("a");
        writer.begin_array();
        writer.string("x");
        writer.add(json::parse(R"([1, {}, {"b": null}])"));
        writer.end_array();
        writer.key("c");
        writer.begin_object();
        writer.end_object();
        writer.end_object();
        return out;
    };

    CHECK(written(json::Layout::compact) ==
        R"(behind {"a":["x",[1,{},{"b":null}]],"c":{}})");
    CHECK(written(json::Layout::spaced) ==
        R"(behind {"a": ["x", [1, {}, {"b": null}]], "c": {}})");
    CHECK(written(json::Layout::pretty) == R"(behind {
  "a": [
    "x",
    [
      1,
      {},
      {
        "b": null
      }
    ]
  ],
  "c": {}
})");
}

TEST_CASE("members keep their order", "[json]")
{
    CHECK(as_pretty(R"({"z":1,"a":2})") == "{\n  \"z\": 1,\n  \"a\": 2\n}");
}

TEST_CASE("the greatest integers keep their digits", "[json]")
{
    CHECK(as_pretty("18446744073709551615") == "18446744073709551615");
    CHECK(as_pretty("-9223372036854775808") == "-9223372036854775808");
}

TEST_CASE("names of members are also escaped", "[json]")
{
    CHECK(as_pretty(R"({"\u00e9\"":1})") == "{\n  \"\\u00e9\\\"\": 1\n}");
}

TEST_CASE("a number that does not fit in a double is read again", "[json]")
{
    const std::string text = GENERATE(
        as<std::string>(), "1e999", "-1e999", "0e999", "1e-999", "5E-1");

    const auto written = json::pretty(json::parse(text));

    CHECK(json::pretty(json::parse(written)) == written);
}

TEST_CASE("the message about a duplicate key has the key", "[json]")
{
    CHECK_THAT(fault(R"({"a": 1, "b": 2, "a": 3})"),
        starts_with("the key 'a' occurs twice, at line 1, column "));
    CHECK_THAT(fault("{\n\"x\": [{\"ab\": {}, \"\\u0061b\": 1}]}"),
        starts_with("the key 'ab' occurs twice, at line 2, column "));
    CHECK_THAT(
        fault(R"({"": 1, "": 2})"), starts_with("the key '' occurs twice"));
    CHECK_THAT(
        fault(R"({"a": [0, -1, 18446744073709551615, 1.5, true, null, "x\ny"],)"
              R"( "\u00e9tat": {}, "a": 1})"),
        starts_with("the key 'a' occurs twice"));
}

TEST_CASE("two objects may have the same key", "[json]")
{
    CHECK(fault(R"({"a": {"a": [{"a": 1}, {"a": 2}]}, "b": {"a": 1}})") ==
        "nothing");
}

}
