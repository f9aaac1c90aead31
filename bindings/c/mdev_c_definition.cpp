// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/definition.hpp>
#include <mdev/export.hpp>

#include <mdev.h>

namespace {

template <class Handle> auto& value_of(Handle* definition)
{
    return require(definition, "definition").value;
}

}

MDEV_API int mdev_attribute_list_new(mdev_attribute_list** made)
{
    return make(made, "made", [] { return mdev_attribute_list(); });
}

MDEV_API int mdev_attribute_list_append(
    mdev_attribute_list* list, const char* name, const char* value)
{
    return guard([&] {
        require(list, "list")
            .items.emplace_back(
                require_text(name, "name"), require_text(value, "value"));
    });
}

MDEV_API size_t mdev_attribute_list_count(const mdev_attribute_list* list)
{
    return count_of(list);
}

MDEV_API const char* mdev_attribute_list_name(
    const mdev_attribute_list* list, size_t index)
{
    return guard_pointer([&] { return item(list, index).first.c_str(); });
}

MDEV_API const char* mdev_attribute_list_value(
    const mdev_attribute_list* list, size_t index)
{
    return guard_pointer([&] { return item(list, index).second.c_str(); });
}

MDEV_API void mdev_attribute_list_free(mdev_attribute_list* list)
{
    delete list;
}

MDEV_API int mdev_definition_new(const mdev_uuid* uuid, const char* parent,
    const char* type, mdev_definition** made)
{
    return make(made, "made", [&] {
        return mdev::Definition(require_uuid(uuid),
            require_text(parent, "parent"), require_text(type, "type"));
    });
}

MDEV_API int mdev_definition_from_json(const char* json, const mdev_uuid* uuid,
    const char* parent, const char* source, mdev_definition** made)
{
    return make(made, "made", [&] {
        return mdev::Definition::from_json(require_text(json, "json"),
            require_uuid(uuid), require_text(parent, "parent"),
            require_text(source, "source"));
    });
}

MDEV_API int mdev_definition_from_file(const char* file, const mdev_uuid* uuid,
    const char* parent, mdev_definition** made)
{
    return make(made, "made", [&] {
        return mdev::Definition::from_file(require_text(file, "file"),
            require_uuid(uuid), require_text(parent, "parent"));
    });
}

MDEV_API const mdev_uuid* mdev_definition_uuid(
    const mdev_definition* definition)
{
    return guard_pointer(
        [&] { return &require(definition, "definition").uuid; });
}

MDEV_API const char* mdev_definition_parent(const mdev_definition* definition)
{
    return guard_pointer([&] { return value_of(definition).parent().c_str(); });
}

MDEV_API const char* mdev_definition_type(const mdev_definition* definition)
{
    return guard_pointer(
        [&] { return value_of(definition).type_id().c_str(); });
}

MDEV_API int mdev_definition_start(const mdev_definition* definition)
{
    return guard_number(
        [&] { return static_cast<int>(value_of(definition).start()); });
}

MDEV_API int mdev_definition_attributes(
    const mdev_definition* definition, mdev_attribute_list** attributes)
{
    return make(attributes, "attributes",
        [&] { return value_of(definition).attributes(); });
}

MDEV_API int mdev_definition_set_type(
    mdev_definition* definition, const char* type)
{
    return guard(
        [&] { value_of(definition).set_type_id(require_text(type, "type")); });
}

MDEV_API int mdev_definition_set_start(mdev_definition* definition, int start)
{
    return guard([&] {
        value_of(definition)
            .set_start(
                require_enum(start, mdev::StartMode::automatic, "start"));
    });
}

MDEV_API int mdev_definition_set_attributes(
    mdev_definition* definition, const mdev_attribute_list* attributes)
{
    return guard([&] {
        const auto& items = require(attributes, "attributes").items;
        value_of(definition).set_attributes({items.begin(), items.end()});
    });
}

MDEV_API int mdev_definition_append_attribute(
    mdev_definition* definition, const char* name, const char* value)
{
    return guard([&] {
        value_of(definition)
            .append_attribute(
                require_text(name, "name"), require_text(value, "value"));
    });
}

MDEV_API int mdev_definition_insert_attribute(mdev_definition* definition,
    size_t index, const char* name, const char* value)
{
    return guard([&] {
        value_of(definition)
            .insert_attribute(index, require_text(name, "name"),
                require_text(value, "value"));
    });
}

MDEV_API int mdev_definition_erase_attribute(
    mdev_definition* definition, size_t index)
{
    return guard([&] { value_of(definition).erase_attribute(index); });
}

MDEV_API int mdev_definition_json(
    const mdev_definition* definition, mdev_string** json)
{
    return make(json, "json", [&] { return value_of(definition).to_json(); });
}

MDEV_API int mdev_definition_copy(
    const mdev_definition* definition, mdev_definition** copied)
{
    return copy(definition, copied);
}

MDEV_API void mdev_definition_free(mdev_definition* definition)
{
    delete definition;
}

MDEV_API int mdev_definition_list_new(mdev_definition_list** made)
{
    return make(made, "made", [] { return mdev_definition_list(); });
}

MDEV_API int mdev_definition_list_append(
    mdev_definition_list* list, const mdev_definition* definition)
{
    return guard([&] {
        require(list, "list")
            .items.push_back(require(definition, "definition"));
    });
}

MDEV_API size_t mdev_definition_list_count(const mdev_definition_list* list)
{
    return count_of(list);
}

MDEV_API const mdev_definition* mdev_definition_list_at(
    const mdev_definition_list* list, size_t index)
{
    return guard_pointer([&] { return &item(list, index); });
}

MDEV_API void mdev_definition_list_free(mdev_definition_list* list)
{
    delete list;
}

MDEV_API int mdev_list_json(
    const mdev_definition_list* definitions, mdev_string** json)
{
    return make(json, "json", [&] {
        return mdev::to_json(values_of<mdev::Definition>(
            require(definitions, "definitions").items));
    });
}
