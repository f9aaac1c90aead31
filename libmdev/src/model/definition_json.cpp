// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "directory.hpp"
#include "environment_impl.hpp"
#include "name.hpp"
#include "script_subject.hpp"
#include "text.hpp"
#include "usual_definition.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <array>
#include <stdexcept>

namespace mdev {

const char* word(StartMode start) noexcept
{
    return start == StartMode::automatic ? "auto" : "manual";
}

namespace {

constexpr std::string_view type_key = "mdev_type";
constexpr std::string_view start_key = "start";
constexpr std::string_view attributes_key = "attrs";

/// Reads the members of a definition and refuses invalid ones. Each message
/// names the source, the member and the expected value.
class Reader {
public:
    Reader(const DefinitionSource& source, UnknownStart unknown,
        const DefinitionNote& note)
        : source_(source),
          unknown_(unknown),
          note_(note)
    {
    }

    json::object document(
        std::string_view text, json::monotonic_resource& memory) const
    {
        try {
            auto value = json::parse(text, memory);
            if (auto* object = value.if_object())
                return std::move(*object);
            refuse("a definition must be a JSON object, not " +
                std::string(json::kind(value)));
        } catch (const std::invalid_argument& error) {
            refuse(error.what());
        }
    }

    std::string type(const json::object& document) const
    {
        auto type = string(document, type_key);
        try {
            check_type_name(type);
        } catch (const Error& error) {
            refuse(error.what());
        }
        return type;
    }

    StartMode start(const json::object& document) const
    {
        const auto start = string(document, start_key);
        if (start == "auto")
            return StartMode::automatic;
        if (start == "manual")
            return StartMode::manual;
        const auto fault =
            "'start' must be \"auto\" or \"manual\", not \"" + start + "\"";
        if (unknown_ == UnknownStart::refused)
            refuse(fault);
        note(LogLevel::warning, fault + "; \"manual\" is used");
        return StartMode::manual;
    }

    std::vector<Attribute> attributes(const json::object& document) const
    {
        const auto* value = document.if_contains(attributes_key);
        if (!value || value->is_null())
            return {};
        const auto* array = value->if_array();
        if (!array)
            refuse("'attrs' must be an array of objects, not " +
                std::string(json::kind(*value)));
        std::vector<Attribute> attributes;
        attributes.reserve(array->size());
        for (const auto& element : *array)
            attributes.push_back(attribute(element, attributes.size()));
        return attributes;
    }

    json::object others(const json::object& document) const
    {
        json::object others;
        for (const auto& member : document) {
            const std::string_view key(member.key());
            if (key == type_key || key == start_key || key == attributes_key)
                continue;
            // No warning: the administrator may have put the member there on
            // purpose, and a list would repeat the warning for each file.
            note(LogLevel::debug,
                "unknown member '" + std::string(key) + "' is preserved");
            others.insert(member);
        }
        return others;
    }

private:
    [[noreturn]] void refuse(const std::string& why) const
    {
        const auto source = source_();
        throw Error(Errc::invalid_definition, source,
            "Invalid definition " + source + ": " + why);
    }

    void note(LogLevel level, const std::string& text) const
    {
        if (note_)
            note_(level, "Definition " + source_() + ": " + text);
    }

    std::string string(const json::object& document, std::string_view key) const
    {
        const auto* value = document.if_contains(key);
        if (!value)
            refuse(misspelled(document, key) + "'" + std::string(key) +
                "' is missing; it must be a string");
        const auto* string = value->if_string();
        if (!string)
            refuse("'" + std::string(key) + "' must be a string, not " +
                std::string(json::kind(*value)));
        return {string->data(), string->size()};
    }

    /// Names the unknown key that probably stands for the one that is missing.
    static std::string misspelled(
        const json::object& document, std::string_view key)
    {
        for (const auto& member : document) {
            const std::string found(member.key());
            if (suggestion(found, {std::string(key)}))
                return "'" + found + "' is an unknown key; did you mean '" +
                    std::string(key) + "'? ";
        }
        return "";
    }

    static std::string element_name(std::size_t index)
    {
        return "'attrs' element " + std::to_string(index);
    }

    Attribute attribute(const json::value& element, std::size_t index) const
    {
        const auto* object = element.if_object();
        if (!object || object->size() != 1)
            refuse(element_name(index) +
                " must be an object of exactly one member");
        const auto& member = *object->begin();
        const auto* value = member.value().if_string();
        Attribute attribute(member.key(), {});
        if (!value)
            refuse(element_name(index) + ": the value of '" + attribute.first +
                "' must be a string, not " +
                std::string(json::kind(member.value())));
        attribute.second.assign(value->data(), value->size());
        try {
            check_attribute(attribute);
        } catch (const Error& error) {
            refuse(element_name(index) + ": " + error.what());
        }
        return attribute;
    }

    const DefinitionSource& source_;
    UnknownStart unknown_;
    const DefinitionNote& note_;
};

void write_attributes(
    json::Writer& writer, const std::vector<Attribute>& attributes)
{
    writer.begin_array();
    for (const auto& [name, value] : attributes) {
        writer.begin_object();
        writer.key(name);
        writer.string(value);
        writer.end_object();
    }
    writer.end_array();
}

/// Writes the known members in the order of mdevctl 1.x, on which parsers rely.
/// `attrs` is written even if it is empty.
void write_members(json::Writer& writer, const std::string& type_id,
    StartMode start, const std::vector<Attribute>& attributes)
{
    writer.key(type_key);
    writer.string(type_id);
    writer.key(start_key);
    writer.string(word(start));
    writer.key(attributes_key);
    write_attributes(writer, attributes);
}

void write_definition(json::Writer& writer, const Definition& definition,
    const json::object& unknown)
{
    writer.begin_object();
    write_members(writer, definition.type_id(), definition.start(),
        definition.attributes());
    // Behind the known members, in the order of the old file.
    for (const auto& member : unknown) {
        writer.key({member.key().data(), member.key().size()});
        writer.add(member.value());
    }
    writer.end_object();
}

}

Definition parse_definition(std::string_view text, const Uuid& uuid,
    std::string parent, const DefinitionSource& source, UnknownStart unknown,
    const DefinitionNote& note)
{
    check_parent_name(parent);
    Access::Impl<Definition> usual;
    if (!read_usual_definition(text, usual))
        return parse_any_definition(
            text, uuid, std::move(parent), source, unknown, note);
    usual.uuid = uuid;
    usual.parent = std::move(parent);
    return Access::make<Definition>(std::move(usual));
}

Definition parse_any_definition(std::string_view text, const Uuid& uuid,
    std::string parent, const DefinitionSource& source, UnknownStart unknown,
    const DefinitionNote& note)
{
    // Memory on the stack, which suffices for nearly every definition. The
    // parsed value is allocated there too and must not outlive this function.
    std::array<unsigned char, 4096> buffer;
    json::monotonic_resource memory(buffer.data(), buffer.size());
    const auto document = Reader(source, unknown, note).document(text, memory);
    return definition_in(
        document, uuid, std::move(parent), source, unknown, note);
}

Definition definition_in(const json::object& document, const Uuid& uuid,
    std::string parent, const DefinitionSource& source, UnknownStart unknown,
    const DefinitionNote& note)
{
    check_parent_name(parent);
    const Reader reader(source, unknown, note);
    Access::Impl<Definition> impl;
    impl.uuid = uuid;
    impl.parent = std::move(parent);
    impl.type_id = reader.type(document);
    impl.start = reader.start(document);
    impl.attributes = reader.attributes(document);
    impl.others = reader.others(document);
    return Access::make<Definition>(std::move(impl));
}

MDEV_API Definition Definition::from_json(std::string_view json,
    const Uuid& uuid, std::string parent, std::string_view source)
{
    return parse_definition(json, uuid, std::move(parent),
        [&] { return std::string(source); }, UnknownStart::refused, {});
}

MDEV_API Definition Definition::from_file(
    const std::filesystem::path& file, const Uuid& uuid, std::string parent)
{
    return from_file(file, uuid, std::move(parent), Environment());
}

MDEV_API Definition Definition::from_file(const std::filesystem::path& file,
    const Uuid& uuid, std::string parent, const Environment& env)
{
    check_parent_name(parent);
    return from_json(read_file(file, definition_limit, cancellation(env)), uuid,
        std::move(parent), file.string());
}

std::string compact_json(const ScriptSubject& subject)
{
    std::string out;
    json::Writer writer(out, json::Layout::compact);
    writer.begin_object();
    write_members(writer, subject.type_id, subject.start, subject.attributes);
    writer.end_object();
    return out;
}

json::array attributes_json(const std::vector<Attribute>& attributes)
{
    json::array list;
    for (const auto& [name, value] : attributes) {
        json::object attribute;
        attribute[name] = value;
        list.push_back(std::move(attribute));
    }
    return list;
}

json::object flat_json(const Definition& definition)
{
    json::object object;
    object["uuid"] = definition.uuid().string();
    object["parent"] = definition.parent();
    object["type"] = definition.type_id();
    object["start"] = word(definition.start());
    object["attrs"] = attributes_json(definition.attributes());
    return object;
}

MDEV_API std::string Definition::to_json() const
{
    std::string out;
    json::Writer writer(out, json::Layout::pretty);
    write_definition(writer, *this, impl_->others);
    return out;
}

std::string file_text(const Definition& definition)
{
    auto text = definition.to_json();
    if (text.size() <= definition_limit)
        return text;
    const auto uuid = definition.uuid().string();
    throw Error(Errc::invalid_definition, uuid,
        "The definition of device " + uuid + " on " + definition.parent() +
            " is too large: its file would have " +
            std::to_string(text.size()) + " bytes, and the limit is " +
            std::to_string(definition_limit));
}

DefinitionList::DefinitionList(json::Writer& writer) : writer_(writer)
{
    writer_.begin_array();
}

void DefinitionList::add(const Definition& definition)
{
    const auto& parent = definition.parent();
    if (parent != parent_) {
        if (parent_.empty())
            writer_.begin_object();
        else
            writer_.end_array();
        writer_.key(parent);
        writer_.begin_array();
        parent_ = parent;
    }
    writer_.begin_object();
    writer_.key(definition.uuid().string());
    // Unknown members are not listed: libvirt and other parsers of 1.x's output
    // have never seen any.
    write_definition(writer_, definition, {});
    writer_.end_object();
}

void DefinitionList::end()
{
    if (!parent_.empty()) {
        writer_.end_array();
        writer_.end_object();
    }
    writer_.end_array();
}

MDEV_API std::string to_json(const std::vector<Definition>& definitions)
{
    std::string out;
    json::Writer writer(out, json::Layout::pretty);
    DefinitionList list(writer);
    for (const auto& definition : definitions)
        list.add(definition);
    list.end();
    return out;
}

}
