// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"

#include <mdev/version.hpp>

namespace mdev::test {

TEST_CASE("library and headers are of one version", "[version]")
{
    CHECK(std::string(version()) == MDEV_VERSION);
}

}
