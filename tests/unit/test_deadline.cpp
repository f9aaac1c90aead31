// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "deadline.hpp"

namespace mdev::test {

using std::chrono::milliseconds;

TEST_CASE("a deadline of no time has passed at once", "[deadline]")
{
    const Deadline deadline(milliseconds(0));

    CHECK(deadline.has_passed());
    CHECK(deadline.poll_timeout() == 0);
}

TEST_CASE("a deadline before now has passed", "[deadline]")
{
    const Deadline deadline(milliseconds(-5));

    CHECK(deadline.has_passed());
    CHECK(deadline.poll_timeout() == 0);
}

TEST_CASE("a deadline beyond the clock never passes", "[deadline]")
{
    for (const auto timeout : {milliseconds::max(), milliseconds::max() / 2,
             milliseconds(std::chrono::hours(24 * 365 * 250))}) {
        const Deadline deadline(timeout);

        CHECK_FALSE(deadline.has_passed());
        CHECK(deadline.timeout() == timeout);
        CHECK(deadline.poll_timeout() == INT_MAX);
    }
}

TEST_CASE("a poll is told the rest of a deadline, rounded up", "[deadline]")
{
    const Deadline deadline(std::chrono::hours(1));

    CHECK_FALSE(deadline.has_passed());
    CHECK(deadline.poll_timeout() <= 3600 * 1000);
    CHECK(deadline.poll_timeout() > 0);
}

TEST_CASE("the sum of two limits saturates", "[deadline]")
{
    constexpr auto most = milliseconds::max();

    CHECK(saturating_sum(milliseconds(1), milliseconds(2)) == milliseconds(3));
    CHECK(saturating_sum(most, milliseconds(1)) == most);
    CHECK(saturating_sum(milliseconds(1), most) == most);
    CHECK(saturating_sum(most, most) == most);
}

}
