// SPDX-License-Identifier: LGPL-2.1-or-later
// The text of a definition: what is read is written so that it reads the same.
#include "definition_impl.hpp"
#include "json.hpp"
#include "target.hpp"

#include <mdev/error.hpp>

#include <algorithm>

using mdev::Definition;

namespace {

bool has_fractions(const boost::json::value& value)
{
    const auto any = [](const auto& members, auto member) {
        return std::any_of(members.begin(), members.end(), member);
    };
    if (const auto* array = value.if_array())
        return any(*array, has_fractions);
    if (const auto* object = value.if_object())
        return any(*object,
            [](const auto& pair) { return has_fractions(pair.value()); });
    return value.is_double();
}

/// A fraction in a member that is not ours may change in its last digit:
/// Boost.JSON reads it as a double, and not always as the nearest one.
bool is_same(const Definition& a, const Definition& b)
{
    return a.type() == b.type() && a.start() == b.start() &&
        a.attributes() == b.attributes() &&
        (a.json() == b.json() || has_fractions(mdev::json::parse(a.json())));
}

}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
try {
    const auto ignore = [](mdev::LogLevel, const std::string&) {};
    const auto definition = mdev::DefinitionAccess::parse(
        text_of(data, size), mdev::Uuid(), "P",
        [] { return std::string("input"); }, mdev::UnknownStart::manual,
        ignore);
    promise(is_same(definition,
        Definition::from_json(definition.json(), mdev::Uuid(), "P", "output")));
    const auto compact = Definition::from_json(
        mdev::compact_json(definition), mdev::Uuid(), "P", "output");
    promise(compact.attributes() == definition.attributes());
    return 0;
} catch (const mdev::Error&) {
    return 0;
}
