// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"

#include <mdev/error.hpp>

#include <cerrno>
#include <map>
#include <set>
#include <type_traits>

namespace mdev::test {

namespace {

std::error_code no_space()
{
    return {ENOSPC, std::system_category()};
}

}

TEST_CASE("every error number has its own text", "[error]")
{
    std::set<std::string> words;
    int number = 1;
    while (error_category().message(number) != "unknown error")
        words.insert(error_category().message(number++));

    CHECK(number > static_cast<int>(Errc::lock_held));
    CHECK(words.size() == static_cast<std::size_t>(number - 1));
}

TEST_CASE("an unknown number is an unknown error", "[error]")
{
    CHECK(error_category().message(0) == "unknown error");
    CHECK(error_category().message(9999) == "unknown error");
}

TEST_CASE("the numbers of errors never change", "[error]")
{
    CHECK(static_cast<int>(Errc::not_defined) == 1);
    CHECK(static_cast<int>(Errc::no_instance_left) == 7);
    CHECK(static_cast<int>(Errc::timed_out) == 14);
    CHECK(static_cast<int>(Errc::lock_held) == 17);
}

TEST_CASE(
    "an Errc equals the standard condition with the same meaning", "[error]")
{
    const std::error_code timed_out = Errc::timed_out;
    const std::error_code no_parent = Errc::no_such_parent;
    const std::error_code failed = Errc::partial_failure;

    CHECK(timed_out == std::errc::timed_out);
    CHECK(no_parent == std::errc::no_such_device);
    CHECK(timed_out != std::errc::no_such_device);
    CHECK(failed.default_error_condition().category() == error_category());
    CHECK(timed_out == Errc::timed_out);
}

TEST_CASE("each Errc with a standard meaning has that condition", "[error]")
{
    const std::map<Errc, std::errc> conditions{
        {Errc::not_defined, std::errc::no_such_file_or_directory},
        {Errc::not_active, std::errc::no_such_device},
        {Errc::no_such_parent, std::errc::no_such_device},
        {Errc::no_such_type, std::errc::no_such_device},
        {Errc::already_defined, std::errc::file_exists},
        {Errc::already_active, std::errc::file_exists},
        {Errc::no_instance_left, std::errc::no_space_on_device},
        {Errc::invalid_name, std::errc::invalid_argument},
        {Errc::invalid_definition, std::errc::invalid_argument},
        {Errc::invalid_index, std::errc::invalid_argument},
        {Errc::incomplete, std::errc::invalid_argument},
        {Errc::callout_rejected, std::errc::operation_not_permitted},
        {Errc::not_supported, std::errc::not_supported},
        {Errc::timed_out, std::errc::timed_out},
        {Errc::in_use, std::errc::device_or_resource_busy},
        {Errc::lock_held, std::errc::resource_deadlock_would_occur},
        {Errc::cancelled, std::errc::operation_canceled},
    };
    for (const auto& [errc, condition] : conditions)
        CHECK(make_error_code(errc) == condition);
}

TEST_CASE("an Errc becomes an error code of the category mdev", "[error]")
{
    const std::error_code code = Errc::not_active;

    CHECK(std::string(code.category().name()) == "mdev");
    CHECK(&code.category() == &error_category());
    CHECK(code.value() == 2);
    CHECK(code.message() == "not active");
}

TEST_CASE("an error of the library has only its own sentence", "[error]")
{
    const Error error(Errc::no_such_type, "mtty-9", "There is no mtty-9");

    CHECK(error.code() == Errc::no_such_type);
    CHECK(std::string(error.what()) == "There is no mtty-9");
    CHECK(error.subject() == "mtty-9");
    CHECK_FALSE(error.cause());
}

TEST_CASE("an error of the kernel ends with the text of errno", "[error]")
{
    const Error error(no_space(), "/etc/x", "Cannot write /etc/x");

    CHECK(error.code() == no_space());
    CHECK(error.cause() == no_space());
    CHECK(std::string(error.what()) ==
        "Cannot write /etc/x: No space left on device");
}

TEST_CASE("an error may have both a code and a cause", "[error]")
{
    const Error error(
        Errc::no_instance_left, no_space(), "mtty", "mtty is full");

    CHECK(error.code() == Errc::no_instance_left);
    CHECK(error.cause() == no_space());
    CHECK(std::string(error.what()) == "mtty is full");
}

TEST_CASE("an error can be caught as std::system_error", "[error]")
{
    try {
        throw Error(Errc::timed_out, "x", "It took too long");
    } catch (const std::system_error& error) {
        CHECK(error.code() == Errc::timed_out);
        CHECK(std::string(error.what()) == "It took too long");
    }
}

TEST_CASE("copies of an error share their text", "[error]")
{
    const Error error(Errc::timed_out, "x", "It took too long");

    const Error copy(error);

    CHECK(copy.what() == error.what());
    CHECK(&copy.subject() == &error.subject());
}

TEST_CASE("an assigned error is equal to its source", "[error]")
{
    Error error(Errc::timed_out, "x", "It took too long");

    error = Error(Errc::not_active, "y", "It does not run");

    CHECK(error.code() == Errc::not_active);
    CHECK(std::string(error.what()) == "It does not run");
}

TEST_CASE("copying an error cannot fail", "[error]")
{
    CHECK(std::is_nothrow_copy_constructible_v<Error>);
    CHECK(std::is_nothrow_copy_assignable_v<Error>);
}

}
