// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "kernel_error.hpp"

#include <cerrno>

namespace mdev::test {

TEST_CASE("a kernel error has the operation, the path and the reason",
    "[kernel_error]")
{
    const auto error = kernel_error(EACCES, "Cannot read", "/sys", "file");

    CHECK(std::string(error.what()) ==
        "Cannot read /sys/file: Permission denied");
    CHECK(error.subject() == "/sys/file");
    CHECK(error.code() == std::error_code(EACCES, std::system_category()));
}

TEST_CASE("the subject of a kernel error without a name is the path",
    "[kernel_error]")
{
    const auto error = kernel_error(EACCES, "Cannot read", "/sys");

    CHECK(error.subject() == "/sys");
}

TEST_CASE("a kernel error uses errno at the time of the call", "[kernel_error]")
{
    errno = ENODEV;

    const auto error = kernel_error("Cannot read",
        "/a/path/that/is/too/long/for/a/small/string/buffer", "file");

    CHECK(error.cause().value() == ENODEV);
}

TEST_CASE("context is placed before the sentence of an error", "[kernel_error]")
{
    const auto first = kernel_error(EIO, "Cannot read", "/sys");

    const auto error = with_context(first, "Cannot start");

    CHECK(std::string(error.what()) ==
        "Cannot start: Cannot read /sys: Input/output error");
    CHECK(error.code() == first.code());
    CHECK(error.cause() == first.cause());
    CHECK(error.subject() == "/sys");
}

TEST_CASE("an Errc replaces the code and preserves the cause", "[kernel_error]")
{
    const auto first = kernel_error(EEXIST, "Cannot write", "create");

    const auto error = with_meaning(first, Errc::already_active, "It runs");

    CHECK(error.code() == Errc::already_active);
    CHECK(error.cause().value() == EEXIST);
    CHECK(std::string(error.what()) ==
        "It runs: Cannot write create: File exists");
}

TEST_CASE(
    "a missing file is distinguished from an unreadable file", "[kernel_error]")
{
    CHECK(is_missing(ENOENT));
    CHECK(is_missing(ENOTDIR));
    CHECK(is_missing(ENODEV));
    CHECK_FALSE(is_missing(EACCES));
    CHECK_FALSE(is_missing(ELOOP));
    CHECK_FALSE(is_missing(0));
}

}
