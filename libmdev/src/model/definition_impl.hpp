// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

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
    std::string type;
    StartMode start = StartMode::manual;
    std::vector<Attribute> attributes;
    /// Members that this version does not know; another one may.
    json::object others;
};

struct DefinitionAccess {
    using Note = std::function<void(LogLevel, const std::string&)>;
    /// Says where the text comes from; asked for messages only.
    using Source = std::function<std::string()>;

    static const json::object& others(const Definition& definition)
    {
        return definition.impl_->others;
    }
    /// Definition::from_json, with what is odd but no error told to `note`.
    static Definition parse(std::string_view text, const Uuid& uuid,
        std::string parent, const Source& source, UnknownStart unknown,
        const Note& note);
};

/// On one line, without members that we do not know: what scripts read.
std::string compact_json(const Definition& definition);

/// `uuid`, `parent`, `type`, `start` and `attrs` as members of one object.
json::object flat_json(const Definition& definition);
/// An array of objects of one name and value.
json::array attributes_json(const std::vector<Attribute>& attributes);

/// In what two definitions of one device differ: `type`, `start`, `attrs`,
/// `others`.
std::vector<std::string> differences(const Definition& a, const Definition& b);

/// Throws Error unless a definition can hold it.
void check_attribute(const Attribute& attribute);

}
