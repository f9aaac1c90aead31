// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "definition_impl.hpp"
#include "error_of.hpp"
#include "samples.hpp"
#include "temporary_directory.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

namespace mdev::test {

namespace {

using Attributes = std::vector<Attribute>;

constexpr std::size_t mebibyte = 1024 * 1024;

Definition parse(std::string_view json)
{
    return Definition::from_json(json, sample_uuid(1), "mtty", "a.json");
}

/// Returns why a text is refused, without the common beginning of the messages.
std::string refusal(std::string_view json)
{
    const std::string beginning = "Invalid definition a.json: ";
    const auto error = error_of([&] { parse(json); });
    CHECK(error.code() == Errc::invalid_definition);
    CHECK(error.subject() == "a.json");
    const std::string message = error.what();
    CHECK_THAT(message, starts_with(beginning));
    return message.substr(beginning.size());
}

/// Returns a definition with this value of `attrs`.
std::string with_attrs(const std::string& attrs)
{
    return R"({"mdev_type":"mtty-1","start":"manual","attrs":)" + attrs + "}";
}

/// Returns a definition with one more member.
std::string with_member(const std::string& member)
{
    return R"({"mdev_type":"mtty-1","start":"manual",)" + member + "}";
}

struct Notes {
    std::vector<std::pair<LogLevel, std::string>> notes;

    Definition parse_stored(std::string_view json)
    {
        return parse_definition(
            json, sample_uuid(1), "mtty", [] { return "a.json"; },
            UnknownStart::manual,
            [this](LogLevel level, const std::string& text) {
                notes.emplace_back(level, text);
            });
    }
};

/// Returns a definition of exactly `size` bytes.
std::string padded_text(std::size_t size)
{
    auto text = sample_text();
    text.resize(size, '\n');
    return text;
}

}

TEST_CASE("a definition without attributes has exactly the expected bytes",
    "[definition_json]")
{
    CHECK(sample_definition(1).to_json() == R"({
  "mdev_type": "mtty-1",
  "start": "manual",
  "attrs": []
})");
}

TEST_CASE("a definition with attributes has exactly the expected bytes",
    "[definition_json]")
{
    auto definition = sample_definition(1);
    definition.set_start(StartMode::automatic);
    definition.set_attributes({{"a", "1"}, {"power/control", "on"}});

    CHECK(definition.to_json() == R"({
  "mdev_type": "mtty-1",
  "start": "auto",
  "attrs": [
    {
      "a": "1"
    },
    {
      "power/control": "on"
    }
  ]
})");
}

TEST_CASE("a definition is written in ASCII only", "[definition_json]")
{
    auto definition = sample_definition(1);
    definition.set_type_id("caf\xc3\xa9");
    definition.append_attribute("\xe2\x82\xac", "\xf0\x9f\x98\x80\"\\\n");

    CHECK(definition.to_json() == R"({
  "mdev_type": "caf\u00e9",
  "start": "manual",
  "attrs": [
    {
      "\u20ac": "\ud83d\ude00\"\\\n"
    }
  ]
})");
}

TEST_CASE("a definition is read from JSON", "[definition_json]")
{
    const auto definition = parse(
        R"({"mdev_type":"mtty-2","start":"auto","attrs":[{"b":"2"},{"a":"1"}]})");

    CHECK(definition.uuid() == sample_uuid(1));
    CHECK(definition.parent() == "mtty");
    CHECK(definition.type_id() == "mtty-2");
    CHECK(definition.start() == StartMode::automatic);
    CHECK(definition.attributes() == Attributes{{"b", "2"}, {"a", "1"}});
}

TEST_CASE("members of a definition may have any order", "[definition_json]")
{
    const auto definition =
        parse(R"({"attrs":[],"start":"manual","mdev_type":"mtty-2"})");

    CHECK(definition.type_id() == "mtty-2");
    CHECK(definition.start() == StartMode::manual);
}

TEST_CASE(
    "a written definition is read as the same definition", "[definition_json]")
{
    auto definition = sample_definition(1);
    definition.set_start(StartMode::automatic);
    definition.set_attributes({{"a", "1"}, {"a", "1"},
        {"\xf0\x9f\x98\x80", "\x01\"\\/\n\x7f"}, {"e", ""}});

    const auto copy = parse(definition.to_json());

    CHECK(copy.type_id() == definition.type_id());
    CHECK(copy.start() == definition.start());
    CHECK(copy.attributes() == definition.attributes());
    CHECK(copy.to_json() == definition.to_json());
}

TEST_CASE("escape sequences are decoded", "[definition_json]")
{
    const auto definition =
        parse(with_attrs(R"([{"\u0061\/b":"\ud83d\ude00\u00e9\u20ac\n"}])"));

    CHECK(definition.attributes() ==
        Attributes{{"a/b", "\xf0\x9f\x98\x80\xc3\xa9\xe2\x82\xac\n"}});
}

TEST_CASE("attrs may be missing, null or empty", "[definition_json]")
{
    const std::string text =
        GENERATE(as<std::string>(), R"({"mdev_type":"t","start":"manual"})",
            R"({"mdev_type":"t","start":"manual","attrs":null})",
            R"({"mdev_type":"t","start":"manual","attrs":[]})");

    CHECK(parse(text).attributes().empty());
}

TEST_CASE("JSON with an error is refused, and the message has its place",
    "[definition_json]")
{
    const auto why = refusal("{\n  \"mdev_type\": mtty-1\n}");

    CHECK(why ==
        "line 2, column 16: expected a value; a string needs double quotes");
}

TEST_CASE("an empty definition is refused", "[definition_json]")
{
    CHECK(refusal("") == "it is empty");
    CHECK(refusal("\n") == "it is empty");
}

TEST_CASE("a definition that ends too early is refused", "[definition_json]")
{
    CHECK_THAT(
        refusal(R"({"mdev_type":"mt)"), contains("not the end of the text"));
}

TEST_CASE("a definition that is not an object is refused", "[definition_json]")
{
    CHECK(refusal("[]") == "a definition must be a JSON object, not an array");
    CHECK(refusal("null") == "a definition must be a JSON object, not null");
    CHECK(
        refusal("\"x\"") == "a definition must be a JSON object, not a string");
    CHECK(refusal("1") == "a definition must be a JSON object, not a number");
}

TEST_CASE("a definition without a type is refused", "[definition_json]")
{
    CHECK(refusal(R"({"start":"auto"})") ==
        "'mdev_type' is missing; it must be a string");
}

TEST_CASE("a type that is not a string is refused", "[definition_json]")
{
    CHECK(refusal(R"({"mdev_type":1,"start":"auto"})") ==
        "'mdev_type' must be a string, not a number");
    CHECK(refusal(R"({"mdev_type":null,"start":"auto"})") ==
        "'mdev_type' must be a string, not null");
    CHECK(refusal(R"({"mdev_type":["x"],"start":"auto"})") ==
        "'mdev_type' must be a string, not an array");
}

TEST_CASE("a JSON type that leads out of its directory is refused",
    "[definition_json]")
{
    const std::string type =
        GENERATE(as<std::string>(), "", ".", "..", "a/b", "a\\u0000b");

    const auto why =
        refusal(R"({"mdev_type":")" + type + R"(","start":"auto"})");

    CHECK_THAT(why, starts_with("Invalid mdev type '"));
}

TEST_CASE("a definition without a start mode is refused", "[definition_json]")
{
    CHECK(refusal(R"({"mdev_type":"t"})") ==
        "'start' is missing; it must be a string");
}

TEST_CASE("a start mode that is not a string is refused", "[definition_json]")
{
    CHECK(refusal(R"({"mdev_type":"t","start":true})") ==
        "'start' must be a string, not a boolean");
    CHECK(refusal(R"({"mdev_type":"t","start":{}})") ==
        "'start' must be a string, not an object");
}

TEST_CASE("an unknown start mode is refused in a file of the user",
    "[definition_json]")
{
    CHECK(refusal(R"({"mdev_type":"t","start":"Auto"})") ==
        R"('start' must be "auto" or "manual", not "Auto")");
}

TEST_CASE("an unknown start mode in a stored file counts as manual",
    "[definition_json]")
{
    Notes notes;

    const auto definition =
        notes.parse_stored(R"({"mdev_type":"t","start":"boot"})");

    CHECK(definition.start() == StartMode::manual);
    REQUIRE(notes.notes.size() == 1);
    CHECK(notes.notes[0].first == LogLevel::warning);
    CHECK(notes.notes[0].second ==
        R"(Definition a.json: 'start' must be "auto" or "manual", not )"
        R"("boot"; "manual" is used)");
}

TEST_CASE(
    "a missing start mode in a stored file is refused", "[definition_json]")
{
    Notes notes;

    CHECK_THROWS_AS(notes.parse_stored(R"({"mdev_type":"t"})"), Error);
}

TEST_CASE("attrs that are not an array are refused", "[definition_json]")
{
    CHECK(refusal(with_attrs(R"({"a":"1"})")) ==
        "'attrs' must be an array of objects, not an object");
    CHECK(refusal(with_attrs(R"("a")")) ==
        "'attrs' must be an array of objects, not a string");
    CHECK(refusal(with_attrs("false")) ==
        "'attrs' must be an array of objects, not a boolean");
}

TEST_CASE("an attribute that is not an object is refused", "[definition_json]")
{
    CHECK(refusal(with_attrs(R"([{"a":"1"},"b"])")) ==
        "'attrs' element 1 must be an object of exactly one member");
    CHECK(refusal(with_attrs("[null]")) ==
        "'attrs' element 0 must be an object of exactly one member");
}

TEST_CASE("an attribute has exactly one member", "[definition_json]")
{
    CHECK(refusal(with_attrs("[{}]")) ==
        "'attrs' element 0 must be an object of exactly one member");
    CHECK(refusal(with_attrs(R"([{"a":"1","b":"2"}])")) ==
        "'attrs' element 0 must be an object of exactly one member");
}

TEST_CASE("a value that is not a string is refused", "[definition_json]")
{
    CHECK(refusal(with_attrs(R"([{"a":1}])")) ==
        "'attrs' element 0: the value of 'a' must be a string, not a number");
    CHECK(refusal(with_attrs(R"([{"a":"1"},{"b":null}])")) ==
        "'attrs' element 1: the value of 'b' must be a string, not null");
}

TEST_CASE("the message for an unsafe attribute has the number of its element",
    "[definition_json]")
{
    const auto why = refusal(with_attrs(R"([{"a":"1"},{"../remove":"1"}])"));

    CHECK_THAT(
        why, starts_with("'attrs' element 1: Invalid attribute '../remove': "));
}

TEST_CASE("an escaped NUL in a value is refused", "[definition_json]")
{
    const auto why = refusal(with_attrs(R"([{"a":"1\u00002"}])"));

    CHECK_THAT(why, starts_with("'attrs' element 0: Invalid attribute 'a': "));
    CHECK_THAT(why, contains("NUL"));
}

TEST_CASE("a NUL byte in a definition is refused", "[definition_json]")
{
    auto text = sample_text();
    text[text.find("mtty")] = '\0';

    CHECK_THAT(refusal(text), starts_with("line "));
}

TEST_CASE("a definition may have 32 levels", "[definition_json]")
{
    const auto text =
        with_member("\"x\":" + std::string(31, '[') + std::string(31, ']'));

    CHECK_NOTHROW(parse(text));
}

TEST_CASE("a definition of 33 levels is refused", "[definition_json]")
{
    const auto text =
        with_member("\"x\":" + std::string(32, '[') + std::string(32, ']'));

    CHECK_THAT(refusal(text), contains(": too deep"));
}

TEST_CASE("unknown members are preserved", "[definition_json]")
{
    const auto definition = parse(
        R"({"x":{"y":[1,null]},"mdev_type":"t","z":"\u20ac","start":"auto"})");

    CHECK(definition.to_json() == R"({
  "mdev_type": "t",
  "start": "auto",
  "attrs": [],
  "x": {
    "y": [
      1,
      null
    ]
  },
  "z": "\u20ac"
})");
}

TEST_CASE("unknown members are preserved by a change", "[definition_json]")
{
    auto definition = parse(with_member(R"("x":"y")"));

    definition.set_type_id("mtty-2");
    definition.set_start(StartMode::automatic);
    definition.append_attribute("a", "1");

    CHECK_THAT(definition.to_json(), contains("\"x\": \"y\""));
}

TEST_CASE("unknown members are logged with level debug", "[definition_json]")
{
    Notes notes;

    notes.parse_stored(with_member(R"("x":"y")"));

    REQUIRE(notes.notes.size() == 1);
    CHECK(notes.notes[0].first == LogLevel::debug);
    CHECK_THAT(notes.notes[0].second, contains("unknown member 'x'"));
}

TEST_CASE("a definition for an unsafe parent is refused", "[definition_json]")
{
    const auto error = error_of([] {
        Definition::from_json(sample_text(), sample_uuid(1), "../x", "a.json");
    });

    CHECK(error.code() == Errc::invalid_name);
}

TEST_CASE("a definition is read from a file", "[definition_json]")
{
    const TemporaryDirectory directory;
    const auto file = directory.path() / "x.json";
    put_file(file, sample_text("mtty-2") + "\n");

    const auto definition = Definition::from_file(file, sample_uuid(1), "mtty");

    CHECK(definition.type_id() == "mtty-2");
}

TEST_CASE("the message for a refused file has its path", "[definition_json]")
{
    const TemporaryDirectory directory;
    const auto file = directory.path() / "x.json";
    put_file(file, "{}");

    const auto error =
        error_of([&] { Definition::from_file(file, sample_uuid(1), "mtty"); });

    CHECK(error.subject() == file.string());
    CHECK(std::string(error.what()) ==
        "Invalid definition " + file.string() +
            ": 'mdev_type' is missing; it must be a string");
}

TEST_CASE("reading a missing file is an error", "[definition_json]")
{
    const auto error = error_of([] {
        Definition::from_file("/nonexistent/x", sample_uuid(1), "mtty");
    });

    CHECK(error.cause().value() == ENOENT);
    CHECK(error.subject() == "/nonexistent/x");
}

TEST_CASE("a directory is not a definition", "[definition_json]")
{
    const TemporaryDirectory directory;

    const auto error = error_of([&] {
        Definition::from_file(directory.path(), sample_uuid(1), "mtty");
    });

    CHECK(error.cause().value() == EISDIR);
}

TEST_CASE("a file of 1 MiB is read", "[definition_json]")
{
    const TemporaryDirectory directory;
    const auto file = directory.path() / "x.json";
    put_file(file, padded_text(mebibyte));

    CHECK_NOTHROW(Definition::from_file(file, sample_uuid(1), "mtty"));
}

TEST_CASE("a file of more than 1 MiB is refused", "[definition_json]")
{
    const TemporaryDirectory directory;
    const auto file = directory.path() / "x.json";
    put_file(file, padded_text(mebibyte + 1));

    const auto error =
        error_of([&] { Definition::from_file(file, sample_uuid(1), "mtty"); });

    CHECK(error.cause().value() == EFBIG);
    CHECK(error.subject() == file.string());
    CHECK_THAT(error.what(), contains("1048576 bytes"));
}

TEST_CASE("an endless stream is refused", "[definition_json]")
{
    const auto error = error_of(
        [] { Definition::from_file("/dev/zero", sample_uuid(1), "mtty"); });

    CHECK(error.cause().value() == EFBIG);
}

TEST_CASE("a definition can be read from a pipe", "[definition_json]")
{
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    // More than the capacity of a pipe, so that the text arrives in pieces.
    const auto text = padded_text(200000);
    std::thread writer([&] {
        std::size_t written = 0;
        while (written < text.size())
            written += static_cast<std::size_t>(
                write(ends[1], text.data() + written, text.size() - written));
        close(ends[1]);
    });

    const auto definition = Definition::from_file(
        "/dev/fd/" + std::to_string(ends[0]), sample_uuid(1), "mtty");

    writer.join();
    close(ends[0]);
    CHECK(definition.type_id() == "mtty-1");
}

TEST_CASE("an empty pipe is an empty definition", "[definition_json]")
{
    const auto error = error_of(
        [] { Definition::from_file("/dev/null", sample_uuid(1), "mtty"); });

    CHECK(std::string(error.what()) ==
        "Invalid definition /dev/null: it is empty");
}

TEST_CASE("an empty list is an empty array", "[definition_json]")
{
    CHECK(to_json(std::vector<Definition>()) == "[]");
}

TEST_CASE(
    "a list has the devices of a parent in one array", "[definition_json]")
{
    auto second = sample_definition(2);
    second.append_attribute("a", "\xc3\xa9");

    CHECK(to_json(std::vector<Definition>{sample_definition(1), second}) == R"([
  {
    "mtty": [
      {
        "00000000-0000-4000-8000-000000000001": {
          "mdev_type": "mtty-1",
          "start": "manual",
          "attrs": []
        }
      },
      {
        "00000000-0000-4000-8000-000000000002": {
          "mdev_type": "mtty-1",
          "start": "manual",
          "attrs": [
            {
              "a": "\u00e9"
            }
          ]
        }
      }
    ]
  }
])");
}

TEST_CASE("a list has all parents in one object", "[definition_json]")
{
    const Definition other(sample_uuid(2), "mdpy", "mdpy-vga");

    CHECK(to_json(std::vector<Definition>{other, sample_definition(1)}) == R"([
  {
    "mdpy": [
      {
        "00000000-0000-4000-8000-000000000002": {
          "mdev_type": "mdpy-vga",
          "start": "manual",
          "attrs": []
        }
      }
    ],
    "mtty": [
      {
        "00000000-0000-4000-8000-000000000001": {
          "mdev_type": "mtty-1",
          "start": "manual",
          "attrs": []
        }
      }
    ]
  }
])");
}

TEST_CASE("a list omits unknown members", "[definition_json]")
{
    const auto definition = parse(with_member(R"("x":"y")"));

    CHECK(to_json(std::vector<Definition>{definition}).find("\"x\"") ==
        std::string::npos);
}

}
