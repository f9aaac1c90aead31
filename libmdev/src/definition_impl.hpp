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

    /// Definition::from_json, with what is odd but no error told to `note`.
    static Definition parse(std::string_view text, const Uuid& uuid,
        std::string parent, const Source& source, UnknownStart unknown,
        const Note& note);
};

/// On one line, without members that we do not know: what scripts read.
std::string compact_json(const Definition& definition);

/// Throws Error unless a definition can hold it.
void check_attribute(const Attribute& attribute);

}
