// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "outcome_impl.hpp"
#include "samples.hpp"

namespace mdev::test {

TEST_CASE("an outcome has the values of one device", "[outcome]")
{
    const auto outcome = Access::make<Outcome>(
        outcome_of(CalloutAction::define, sample_definition(1)));

    CHECK(outcome.action() == CalloutAction::define);
    CHECK(outcome.uuid() == sample_uuid(1));
    CHECK(outcome.parent() == "mtty");
    CHECK(outcome.type_id() == "mtty-1");
    CHECK(outcome.is_changed());
    CHECK(outcome.differences().empty());
    CHECK(outcome.error().empty());
}

TEST_CASE("each action has its own word", "[outcome]")
{
    const auto word = [](CalloutAction action) {
        return std::string(
            Access::make<Outcome>(outcome_of(action, sample_definition(1)))
                .word());
    };

    CHECK(word(CalloutAction::define) == "define");
    CHECK(word(CalloutAction::undefine) == "undefine");
    CHECK(word(CalloutAction::modify) == "modify");
    CHECK(word(CalloutAction::start) == "start");
    CHECK(word(CalloutAction::stop) == "stop");
}

TEST_CASE("an outcome is one line of JSON", "[outcome]")
{
    const auto known = Access::make<Outcome>({CalloutAction::modify,
        sample_uuid(1), "mtty", "mtty-1", true, {"start", "attrs"}, ""});
    const auto unknown = Access::make<Outcome>({CalloutAction::stop,
        sample_uuid(2), "", "", false, {}, "Cannot \"stop\"\n"});

    CHECK(known.to_json() ==
        R"({"action": "modify", "uuid": "00000000-0000-4000-8000-000000000001", )"
        R"("parent": "mtty", "type": "mtty-1", "changed": true, )"
        R"("differs": ["start", "attrs"], "error": null})");
    CHECK(unknown.to_json() ==
        R"({"action": "stop", "uuid": "00000000-0000-4000-8000-000000000002", )"
        R"("parent": null, "type": null, "changed": false, "differs": [], )"
        R"("error": "Cannot \"stop\"\n"})");
}

}
