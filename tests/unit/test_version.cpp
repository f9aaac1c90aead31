// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"

#include <mdev/version.hpp>

namespace mdev::test {

static_assert(MDEV_VERSION_AT_LEAST(
    MDEV_VERSION_MAJOR, MDEV_VERSION_MINOR, MDEV_VERSION_PATCH));
static_assert(MDEV_VERSION_AT_LEAST(1, 999, 999));
static_assert(!MDEV_VERSION_AT_LEAST(
    MDEV_VERSION_MAJOR, MDEV_VERSION_MINOR, MDEV_VERSION_PATCH + 1));

TEST_CASE("library and headers have the same version", "[version]")
{
    CHECK(std::string(version()) == MDEV_VERSION);
}

}
