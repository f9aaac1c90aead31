// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "deadline.hpp"

namespace mdev::test {

using std::chrono::milliseconds;

TEST_CASE("a deadline without time has passed at once", "[deadline]")
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

TEST_CASE("a deadline beyond the range of the clock never passes", "[deadline]")
{
    for (const auto timeout : {milliseconds::max(), milliseconds::max() / 2,
             milliseconds(std::chrono::hours(24 * 365 * 250))}) {
        const Deadline deadline(timeout);

        CHECK_FALSE(deadline.has_passed());
        CHECK(deadline.timeout() == timeout);
        CHECK(deadline.poll_timeout() == INT_MAX);
    }
}

TEST_CASE("the remaining time for poll is rounded up", "[deadline]")
{
    const Deadline deadline(std::chrono::hours(1));

    CHECK_FALSE(deadline.has_passed());
    CHECK(deadline.poll_timeout() <= 3600 * 1000);
    CHECK(deadline.poll_timeout() > 0);
}

TEST_CASE(
    "a deadline can be extended, up to the range of the clock", "[deadline]")
{
    Deadline passed(milliseconds(0));
    passed.extend(milliseconds(-5));
    CHECK(passed.has_passed());
    passed.extend(std::chrono::hours(1));
    CHECK_FALSE(passed.has_passed());

    auto never = Deadline::never();
    never.extend(std::chrono::hours(1));
    CHECK_FALSE(never.has_passed());
}

TEST_CASE("a shorter limit applies, a longer limit does not", "[deadline]")
{
    Deadline late(std::chrono::hours(1));
    late.shorten(milliseconds(0));
    CHECK(late.has_passed());

    Deadline passed(milliseconds(0));
    passed.shorten(milliseconds::max());
    CHECK(passed.has_passed());
}

}
