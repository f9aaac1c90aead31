// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"

#include <mdev/uuid.hpp>

#include <algorithm>
#include <boost/version.hpp>
#include <cerrno>
#include <set>
#include <sstream>
#include <sys/syscall.h>
#include <unordered_set>
#include <vector>

namespace mdev::test {

namespace {

constexpr const char* canonical = "83c32df7-d52e-4ec1-9668-1f3c7e4df107";

}

TEST_CASE("a hyphenated UUID is read", "[uuid]")
{
    const auto uuid = Uuid::parse(canonical);

    REQUIRE(uuid);
    CHECK(uuid->string() == canonical);
}

TEST_CASE("all accepted spellings have the same UUID", "[uuid]")
{
    const std::string text = GENERATE(as<std::string>(),
        "83C32DF7-D52E-4EC1-9668-1F3C7E4DF107",
        "83c32DF7-d52e-4eC1-9668-1f3c7e4dF107",
        "83c32df7d52e4ec196681f3c7e4df107", "83C32DF7D52E4EC196681F3C7E4DF107",
        "{83c32df7-d52e-4ec1-9668-1f3c7e4df107}",
        "{83C32DF7-D52E-4EC1-9668-1F3C7E4DF107}",
        "urn:uuid:83c32df7-d52e-4ec1-9668-1f3c7e4df107",
        "urn:uuid:83C32DF7-D52E-4EC1-9668-1F3C7E4DF107");

    const auto uuid = Uuid::parse(text);

    REQUIRE(uuid);
    CHECK(uuid->string() == canonical);
}

TEST_CASE("text that is not a UUID is refused", "[uuid]")
{
    const std::string text = GENERATE(as<std::string>(), "", "x",
        "83c32df7-d52e-4ec1-9668-1f3c7e4df10",
        "83c32df7-d52e-4ec1-9668-1f3c7e4df1070",
        " 83c32df7-d52e-4ec1-9668-1f3c7e4df107",
        "83c32df7-d52e-4ec1-9668-1f3c7e4df107 ",
        "83c32df7-d52e-4ec1-9668-1f3c7e4df107\n",
        "83c32df7-d52e-4ec1-9668-1f3c7e4df10g",
        "83c32df7-d52e-4ec1-96681-f3c7e4df107",
        "83c32df7_d52e_4ec1_9668_1f3c7e4df107",
        "0x83c32df7d52e4ec196681f3c7e4df1", "+3c32df7d52e4ec196681f3c7e4df107",
        "-3c32df7d52e4ec196681f3c7e4df107", "83c32df7d52e4ec196681f3c7e4df10",
        "83c32df7d52e4ec196681f3c7e4df1077",
        "{83c32df7-d52e-4ec1-9668-1f3c7e4df107",
        "83c32df7-d52e-4ec1-9668-1f3c7e4df107}",
        "(83c32df7-d52e-4ec1-9668-1f3c7e4df107)",
        "{{3c32df7-d52e-4ec1-9668-1f3c7e4df107}}",
        "urn:uuid:{83c32df7-d52e-4ec1-9668-1f3c7e4df107}",
        "uuid:83c32df7-d52e-4ec1-9668-1f3c7e4df107",
        "../c32df7-d52e-4ec1-9668-1f3c7e4df107",
        "83c32df7-d52e-4ec1-9668-1f3c7e4df10\xc3\xa9");

    CHECK_FALSE(Uuid::parse(text));
}

TEST_CASE("a NUL byte is not accepted in a UUID", "[uuid]")
{
    std::string text = canonical;
    text.back() = '\0';

    CHECK_FALSE(Uuid::parse(text));
    CHECK_FALSE(Uuid::parse(std::string(canonical) + '\0'));
}

TEST_CASE("any version and variant of a UUID is accepted", "[uuid]")
{
    const std::string text =
        GENERATE(as<std::string>(), "00000000-0000-0000-0000-000000000100",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "00000000-0000-f000-0000-000000000000");

    const auto uuid = Uuid::parse(text);

    REQUIRE(uuid);
    CHECK(uuid->string() == text);
}

TEST_CASE("a UUID without a value is the nil UUID", "[uuid]")
{
    CHECK(Uuid().string() == "00000000-0000-0000-0000-000000000000");
}

TEST_CASE("the first byte of a UUID is the leftmost", "[uuid]")
{
    const std::array<std::uint8_t, 16> bytes{
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255};

    const Uuid uuid(bytes);

    CHECK(uuid.string() == "00010203-0405-0607-0809-0a0b0c0d0eff");
    CHECK(uuid.bytes() == bytes);
}

TEST_CASE("UUIDs with the same bytes are equal", "[uuid]")
{
    const auto uuid = *Uuid::parse(canonical);
    auto bytes = uuid.bytes();
    bytes.back() ^= 1;

    CHECK(uuid == *Uuid::parse(canonical));
    CHECK_FALSE(uuid != *Uuid::parse(canonical));
    CHECK(uuid != Uuid(bytes));
    CHECK_FALSE(uuid == Uuid(bytes));
}

TEST_CASE("UUIDs have the order of their texts", "[uuid]")
{
    std::vector<std::string> texts;
    for (const char* text : {"80000000-0000-0000-0000-000000000000",
             "7fffffff-ffff-ffff-ffff-ffffffffffff",
             "00000000-0000-0000-0000-000000000080",
             "00000000-0000-0000-0000-00000000007f",
             "ffffffff-0000-0000-0000-000000000000"})
        texts.emplace_back(text);
    std::vector<Uuid> uuids;
    for (const auto& text : texts)
        uuids.push_back(*Uuid::parse(text));

    std::sort(uuids.begin(), uuids.end());

    std::sort(texts.begin(), texts.end());
    for (std::size_t i = 0; i < texts.size(); ++i)
        CHECK(uuids[i].string() == texts[i]);
}

TEST_CASE("UUIDs have an order in C++20", "[uuid]")
{
    struct Key {
        Uuid uuid;
        int number;
        auto operator<=>(const Key&) const = default;
    };
    const Uuid one({1});
    const Uuid two({2});

    CHECK(((one <=> two) < 0 && two > one && one <= one && two >= one));
    CHECK((Key{one, 2} < Key{two, 1} && Key{one, 1} < Key{one, 2}));
}

TEST_CASE("random UUIDs differ", "[uuid]")
{
    CHECK(Uuid::random() != Uuid::random());
}

TEST_CASE("a random UUID has version 4", "[uuid]")
{
    const auto text = Uuid::random().string();

    CHECK(text[14] == '4');
    CHECK_THAT(std::string("89ab"), contains(text.substr(19, 1)));
}

TEST_CASE("a name has the same UUID as in other programs", "[uuid]")
{
    // Python's uuid.uuid5(uuid.NAMESPACE_DNS, "python.org") has the same value.
    const auto dns = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

    CHECK(Uuid::from_name(dns, "python.org").string() ==
        "886313e1-3b8a-5372-9b90-0c9aee199e5d");
    CHECK(Uuid::from_name(dns, "") == Uuid::from_name(dns, ""));
    CHECK(Uuid::from_name(dns, "a") != Uuid::from_name(dns, "b"));
    CHECK(Uuid::from_name(dns, "a") != Uuid::from_name(Uuid(), "a"));
}

TEST_CASE("without random numbers no random UUID is generated", "[uuid]")
{
    const auto outcome = outcome_without(
        {{SYS_getrandom}}, EIO, [] { return Uuid::random().string(); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    if (BOOST_VERSION >= 108600 && Uuid::parse(outcome))
        return skip("Boost's random numbers come from the processor");
    CHECK(outcome == "Cannot generate a random UUID: Input/output error");
}

TEST_CASE("a UUID can be written to a stream and be a key of a map", "[uuid]")
{
    const Uuid one({1});
    const Uuid two({2});
    std::ostringstream stream;
    stream << one;
    const std::unordered_set<Uuid> set = {one, two, one};

    CHECK(stream.str() == one.string());
    CHECK(set.size() == 2);
    CHECK(set.count(two) == 1);
    // UUIDs of programs that count in one byte only must have different hashes.
    std::set<std::size_t> hashes;
    for (std::uint8_t i = 0; i < 100; ++i)
        hashes.insert(std::hash<Uuid>()(Uuid({0, 0, i})));
    CHECK(hashes.size() == 100);
}

}
