// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
#include "json.hpp"

#include <mdev/definition.hpp>

#include <functional>

namespace mdev {

/// What a definition file may hold: 1 MiB.
constexpr std::size_t definition_limit = 1024 * 1024;

/// What becomes of a `start` that is neither `auto` nor `manual`: in a file
/// that somebody else wrote long ago, it is noted and taken for `manual`.
enum class UnknownStart { refused, manual };

struct Definition::Impl {
    Uuid uuid;
    std::string parent;
    std::string type_id;
    StartMode start = StartMode::manual;
    std::vector<Attribute> attributes;
    /// Members that this version does not know; another one may.
    json::object others;
};

/// Members of the definition that this version does not know.
inline const json::object& unknown_members(const Definition& definition)
{
    return Access::impl(definition).others;
}

/// Called for what is odd in a definition but no error.
using DefinitionNote = std::function<void(LogLevel, const std::string&)>;
/// Says where the text comes from; called for messages only.
using DefinitionSource = std::function<std::string()>;

/// Definition::from_json, with a say in what is odd.
Definition parse_definition(std::string_view text, const Uuid& uuid,
    std::string parent, const DefinitionSource& source, UnknownStart unknown,
    const DefinitionNote& note);
/// The same of a JSON object that was read already.
Definition definition_in(const json::object& document, const Uuid& uuid,
    std::string parent, const DefinitionSource& source, UnknownStart unknown,
    const DefinitionNote& note);

/// `uuid`, `parent`, `type`, `start` and `attrs` as members of one object.
json::object flat_json(const Definition& definition);
/// An array of objects of one name and value.
json::array attributes_json(const std::vector<Attribute>& attributes);

/// Throws Error unless a definition can hold it.
void check_attribute(const Attribute& attribute);

}
