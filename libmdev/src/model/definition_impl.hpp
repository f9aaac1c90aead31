// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
#include "json.hpp"

#include <mdev/definition.hpp>

#include <functional>

namespace mdev {

/// The largest definition file that is read or written: 1 MiB.
constexpr std::size_t definition_limit = 1024 * 1024;

/// `auto` or `manual`.
const char* word(StartMode start) noexcept;

/// What to do with a `start` that is neither `auto` nor `manual`. Input of a
/// command is refused. A stored file is taken as `manual` with a warning, as
/// mdevctl 1.x takes it: it worked so far.
enum class UnknownStart { refused, manual };

struct Definition::Impl {
    Uuid uuid;
    std::string parent;
    std::string type_id;
    StartMode start = StartMode::manual;
    std::vector<Attribute> attributes;
    /// Unknown members, of another version or of an administrator. They have no
    /// effect and are written again, in their order.
    json::object others;
};

/// The members of the definition that this version does not know.
inline const json::object& unknown_members(const Definition& definition)
{
    return Access::impl(definition).others;
}

/// Called with a peculiarity of a definition that is not an error.
using DefinitionNote = std::function<void(LogLevel, const std::string&)>;
/// Returns where the text comes from. A function, because the name is needed
/// for messages only and would otherwise be composed for each of many files.
using DefinitionSource = std::function<std::string()>;

/// Parses the text of a definition. Throws Error (Errc::invalid_definition)
/// that begins with the source. Notes go to `note`, if there is one.
Definition parse_definition(std::string_view text, const Uuid& uuid,
    std::string parent, const DefinitionSource& source, UnknownStart unknown,
    const DefinitionNote& note);
/// Does the same, more slowly, for any text, including one that
/// read_usual_definition() does not accept. For parse_definition(), and for the
/// test that both functions read the same definitions.
Definition parse_any_definition(std::string_view text, const Uuid& uuid,
    std::string parent, const DefinitionSource& source, UnknownStart unknown,
    const DefinitionNote& note);
/// Reads a definition from a JSON object, which need not be a file's: the state
/// of a host has the same members in another place.
Definition definition_in(const json::object& document, const Uuid& uuid,
    std::string parent, const DefinitionSource& source, UnknownStart unknown,
    const DefinitionNote& note);

/// Returns the text of the definition's file. Throws Error
/// (Errc::invalid_definition) if the text is larger than definition_limit: the
/// file could not be read again. Text in UTF-8 grows by up to three times,
/// because the file is ASCII.
std::string file_text(const Definition& definition);
/// Throws Error as file_text() does, for commands that have to know before they
/// run scripts or change anything.
inline void check_size(const Definition& definition)
{
    file_text(definition);
}

/// Writes a list of definitions, those of a parent one after the other, as
/// `mdevctl list --dumpjson` prints it: `[]`, or an array of one object with an
/// array for each parent.
class DefinitionList {
public:
    explicit DefinitionList(json::Writer& writer);
    void add(const Definition& definition);
    void end();

private:
    json::Writer& writer_;
    std::string parent_;
};

/// Returns `uuid`, `parent`, `type`, `start` and `attrs` as members of one
/// object.
json::object flat_json(const Definition& definition);
/// Returns an array with one object of one member for each attribute. Not one
/// object: the order matters, and names repeat (a vfio_ap device assigns
/// several adapters).
json::array attributes_json(const std::vector<Attribute>& attributes);

/// Throws Error unless a definition can hold the attribute: a valid name, and
/// UTF-8 without NUL bytes, which is what JSON can hold.
void check_attribute(const Attribute& attribute);

}
