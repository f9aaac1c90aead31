// SPDX-License-Identifier: LGPL-2.1-or-later
// The input is a definition. A definition that is written and read again must
// not change.
#include "definition_impl.hpp"
#include "fractions.hpp"
#include "script_subject.hpp"
#include "target.hpp"
#include "usual_definition.hpp"

#include <mdev/error.hpp>

#include <optional>

using mdev::Definition;

namespace {

bool is_same(const Definition& a, const Definition& b)
{
    return a.type_id() == b.type_id() && a.start() == b.start() &&
        a.attributes() == b.attributes() &&
        (a.to_json() == b.to_json() || has_fractions(a.to_json()));
}

/// Both ways to read a definition must agree. The fast way may decline.
void compare_readers(std::string_view text, const Definition* definition)
{
    mdev::Access::Impl<Definition> usual;
    if (!mdev::read_usual_definition(text, usual))
        return;
    promise(definition && usual.type_id == definition->type_id() &&
        usual.start == definition->start() &&
        usual.attributes == definition->attributes() &&
        mdev::unknown_members(*definition).empty());
}

}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto ignore = [](mdev::LogLevel, const std::string&) {};
    std::optional<Definition> definition;
    try {
        definition = mdev::parse_any_definition(
            text_of(data, size), mdev::Uuid(), "P",
            [] { return std::string("input"); }, mdev::UnknownStart::manual,
            ignore);
    } catch (const mdev::Error&) {
        compare_readers(text_of(data, size), nullptr);
        return 0;
    }
    compare_readers(text_of(data, size), &*definition);
    promise(is_same(*definition,
        Definition::from_json(
            definition->to_json(), mdev::Uuid(), "P", "output")));
    const auto compact = Definition::from_json(
        mdev::compact_json(*definition), mdev::Uuid(), "P", "output");
    promise(compact.attributes() == definition->attributes());
    return 0;
}
