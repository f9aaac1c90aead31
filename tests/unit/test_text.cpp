// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "text.hpp"

#include <string>
#include <vector>

namespace mdev::test {

TEST_CASE("an empty list of names is an empty text", "[text]")
{
    CHECK(joined({}).empty());
}

TEST_CASE("a short list of names is joined completely", "[text]")
{
    CHECK(joined({"a"}) == "a");
    CHECK(joined({"a", "b"}) == "a, b");
}

TEST_CASE("of a long list of names ten are shown", "[text]")
{
    const std::vector<std::string> ten(10, "a");
    const std::vector<std::string> twelve(12, "a");

    CHECK(joined(ten) == "a, a, a, a, a, a, a, a, a, a");
    CHECK(joined(twelve) == joined(ten) + " and 2 more");
}

TEST_CASE("a shell splits a quoted command into the same words", "[text]")
{
    CHECK(shell_command({}).empty());
    CHECK(shell_command({"types", "-p", "0000:00:02.0"}) ==
        "types -p 0000:00:02.0");
    CHECK(shell_command({"a b", "", "c'd", "$e"}) == "'a b' '' 'c'\\''d' '$e'");
}

TEST_CASE("a name in another letter case is suggested", "[text]")
{
    CHECK(suggestion("MTTY", {"mdpy", "mtty"}) == "mtty");
    CHECK(suggestion("0000:AF:00.0", {"0000:af:00.0", "0000:af:00.1"}) ==
        "0000:af:00.0");
}

TEST_CASE("a name with a typing error is suggested", "[text]")
{
    CHECK(suggestion("mtyt", {"mdpy", "mtty"}) == "mtty");
    CHECK(suggestion("lst", {"list", "types", "stop"}) == "list");
    CHECK(suggestion("undefin", {"define", "undefine"}) == "undefine");
    CHECK(suggestion("definde", {"defined", "define-all"}) == "defined");
}

TEST_CASE("a name is suggested only if a similar name exists", "[text]")
{
    CHECK_FALSE(suggestion("matrix", {"mtty", "mdpy"}));
    CHECK_FALSE(suggestion("x", {"y"}));
    CHECK_FALSE(suggestion("", {"a", "list"}));
    CHECK_FALSE(suggestion("list", {}));
}

TEST_CASE("no name is suggested if two names are equally similar", "[text]")
{
    CHECK_FALSE(suggestion("mtty-3", {"mtty-1", "mtty-2"}));
}

TEST_CASE("a separator ends a part of a text", "[text]")
{
    using Parts = std::vector<std::string_view>;
    CHECK(split("", ':').empty());
    CHECK(split("a", ':') == Parts{"a"});
    CHECK(split("a:", ':') == Parts{"a"});
    CHECK(split(":a", ':') == Parts{"", "a"});
    CHECK(split("a::b", ':') == Parts{"a", "", "b"});
}

}
