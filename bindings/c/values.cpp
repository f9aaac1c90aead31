// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <algorithm>
#include <iterator>
#include <mdev.h>

// Values that need no kernel: UUIDs, text, environments, attributes,
// definitions.

namespace {

/// Returns a log callback that calls a C function.
mdev::LogFunction listener_of(mdev_log_function log, void* user_data)
{
    if (!log)
        return {};
    return [log, user_data](mdev::LogLevel level, std::string_view message) {
        const auto number = static_cast<int>(level);
        try {
            log(number, std::string(message).c_str(), user_data);
        } catch (const std::bad_alloc&) {
            log(number, "Out of memory for a message", user_data);
        }
    };
}

}

mdev_uuid uuid_of(const mdev::Uuid& uuid) noexcept
{
    mdev_uuid copied{};
    std::copy(uuid.bytes().begin(), uuid.bytes().end(), copied.bytes);
    return copied;
}

std::optional<mdev_uuid> uuid_of(const std::optional<mdev::Uuid>& uuid) noexcept
{
    return uuid ? std::optional(uuid_of(*uuid)) : std::nullopt;
}

mdev::Uuid require_uuid(const mdev_uuid* uuid)
{
    std::array<std::uint8_t, 16> bytes{};
    const auto& given = require(uuid, "uuid").bytes;
    std::copy(std::begin(given), std::end(given), bytes.begin());
    return mdev::Uuid(bytes);
}

std::optional<mdev::Uuid> optional_uuid(const mdev_uuid* uuid)
{
    return uuid ? std::optional(require_uuid(uuid)) : std::nullopt;
}

MDEV_API int mdev_uuid_random(mdev_uuid* uuid)
{
    return guard(
        [&] { require(uuid, "uuid") = uuid_of(mdev::Uuid::random()); });
}

MDEV_API int mdev_uuid_from_name(
    const mdev_uuid* space, const char* name, mdev_uuid* uuid)
{
    return guard([&] {
        auto& out = require(uuid, "uuid");
        const auto* text = require_text(name, "name");
        out = uuid_of(space ? mdev::Uuid::from_name(require_uuid(space), text)
                            : mdev::Uuid::from_name(text));
    });
}

MDEV_API int mdev_uuid_parse(const char* text, mdev_uuid* uuid)
{
    return guard([&] {
        auto& out = require(uuid, "uuid");
        const auto parsed = mdev::Uuid::parse(require_text(text, "text"));
        if (!parsed)
            throw_bad_argument(text, "is not a UUID");
        out = uuid_of(*parsed);
    });
}

MDEV_API int mdev_uuid_string(const mdev_uuid* uuid, char text[MDEV_UUID_SIZE])
{
    return guard([&] {
        const auto spelled = require_uuid(uuid).string();
        std::copy_n(spelled.c_str(), MDEV_UUID_SIZE, &require(text, "text"));
    });
}

MDEV_API int mdev_uuid_compare(const mdev_uuid* a, const mdev_uuid* b)
{
    return guard_number([&] {
        const auto first = optional_uuid(a);
        const auto second = optional_uuid(b);
        return first < second ? -1 : static_cast<int>(second < first);
    });
}

MDEV_MEMBER(string, const char*, text)
MDEV_FREE(string)

MDEV_API size_t mdev_string_size(const mdev_string* string)
{
    return guard_pointer([&] { return require(string).text.size(); });
}

MDEV_LIST(string_list, const char*)
MDEV_HANDLE(string_list)

MDEV_API int mdev_string_list_new(mdev_string_list** made)
{
    return make(made, "made", [] { return mdev_string_list(); });
}

MDEV_API int mdev_string_list_append(mdev_string_list* list, const char* text)
{
    return guard(
        [&] { require(list).items.emplace_back(require_text(text, "text")); });
}

MDEV_HANDLE(environment)
MDEV_TEXT(environment, root)
MDEV_MEMBER(environment, const char*, parents_directory)
MDEV_MEMBER(environment, const char*, devices_directory)
MDEV_MEMBER(environment, const char*, definitions_directory)
MDEV_MEMBER(environment, const mdev_string_list*, callout_directories)
MDEV_MEMBER(environment, const mdev_string_list*, notifier_directories)

MDEV_API int mdev_environment_new(const char* root, mdev_environment** made)
{
    return make(
        made, "made", [&] { return mdev::Environment(root ? root : "/"); });
}

MDEV_API int mdev_environment_with_root(
    const mdev_environment* env, const char* root, mdev_environment** changed)
{
    return make(changed, "changed",
        [&] { return value_of(env).with_root(require_text(root, "root")); });
}

MDEV_API int mdev_environment_with_config_directory(const mdev_environment* env,
    const char* directory, mdev_environment** changed)
{
    return make(changed, "changed", [&] {
        return value_of(env).with_config_directory(
            require_text(directory, "directory"));
    });
}

MDEV_API int mdev_environment_with_script_directories(
    const mdev_environment* env, const mdev_string_list* list,
    mdev_environment** changed)
{
    return make(changed, "changed", [&] {
        const auto& texts = require(list).items;
        return value_of(env).with_script_directories(
            {texts.begin(), texts.end()});
    });
}

MDEV_API int mdev_environment_with_log(const mdev_environment* env,
    mdev_log_function log, void* user_data, mdev_environment** changed)
{
    return make(changed, "changed",
        [&] { return value_of(env).with_log(listener_of(log, user_data)); });
}

/// Defines mdev_environment_LIMIT() and mdev_environment_with_LIMIT().
#define MDEV_LIMIT(limit)                                                      \
    MDEV_API long mdev_environment_##limit(const mdev_environment* env)        \
    {                                                                          \
        return guard_number([&] { return time_of(value_of(env).limit()); });   \
    }                                                                          \
    MDEV_API int mdev_environment_with_##limit(const mdev_environment* env,    \
        long milliseconds, mdev_environment** changed)                         \
    {                                                                          \
        return make(changed, "changed", [&] {                                  \
            return value_of(env).with_##limit(require_time(milliseconds));     \
        });                                                                    \
    }

MDEV_LIMIT(lock_timeout)
MDEV_LIMIT(script_timeout)
MDEV_LIMIT(callout_lock_timeout)

MDEV_API int mdev_environment_with_cancel(
    const mdev_environment* env, int descriptor, mdev_environment** changed)
{
    return make(changed, "changed", [&] {
        if (descriptor < -1)
            throw_bad_argument("descriptor", "must not be below -1");
        return value_of(env).with_cancel(descriptor);
    });
}

MDEV_API int mdev_environment_with_deadline(
    const mdev_environment* env, long milliseconds, mdev_environment** changed)
{
    return make(changed, "changed", [&] {
        return value_of(env).with_deadline(require_deadline(milliseconds));
    });
}

MDEV_API int mdev_environment_with_lock_held(
    const mdev_environment* env, mdev_environment** changed)
{
    return make(
        changed, "changed", [&] { return value_of(env).with_lock_held(); });
}

MDEV_API int mdev_environment_log(
    const mdev_environment* env, int level, const char* message)
{
    return guard([&] {
        value_of(env).log(require_enum<mdev::LogLevel>(level, "level"),
            require_text(message, "message"));
    });
}

MDEV_HANDLE(attribute_list)

MDEV_API int mdev_attribute_list_new(mdev_attribute_list** made)
{
    return make(made, "made", [] { return mdev_attribute_list(); });
}

MDEV_API int mdev_attribute_list_append(
    mdev_attribute_list* list, const char* name, const char* value)
{
    return guard([&] {
        require(list).items.emplace_back(
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
    return guard_pointer([&] { return lend(item(list, index).first); });
}

MDEV_API const char* mdev_attribute_list_value(
    const mdev_attribute_list* list, size_t index)
{
    return guard_pointer([&] { return lend(item(list, index).second); });
}

MDEV_HANDLE(definition)
MDEV_MEMBER(definition, const mdev_uuid*, uuid)
MDEV_TEXT(definition, parent)
MDEV_TEXT(definition, type_id)
MDEV_NUMBER(definition, start)
MDEV_MEMBER(definition, const mdev_attribute_list*, attributes)
MDEV_JSON(definition)

MDEV_API int mdev_definition_new(const mdev_uuid* uuid, const char* parent,
    const char* type_id, mdev_definition** made)
{
    return make(made, "made", [&] {
        return mdev::Definition(require_uuid(uuid),
            require_text(parent, "parent"), require_text(type_id, "type_id"));
    });
}

MDEV_API int mdev_definition_is_equal(
    const mdev_definition* a, const mdev_definition* b)
{
    return is_equal(a, b);
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
    const char* parent, const mdev_environment* env, mdev_definition** made)
{
    return make(made, "made", [&] {
        return mdev::Definition::from_file(require_text(file, "file"),
            require_uuid(uuid), require_text(parent, "parent"),
            env ? env->value : mdev::Environment());
    });
}

MDEV_API int mdev_definition_set_type_id(
    mdev_definition* definition, const char* type_id)
{
    return change(definition, [&](auto& value) {
        value.set_type_id(require_text(type_id, "type_id"));
    });
}

MDEV_API int mdev_definition_set_start(mdev_definition* definition, int start)
{
    return change(definition, [&](auto& value) {
        value.set_start(require_enum<mdev::StartMode>(start, "start"));
    });
}

MDEV_API int mdev_definition_set_attributes(
    mdev_definition* definition, const mdev_attribute_list* attributes)
{
    return change(definition, [&](auto& value) {
        value.set_attributes(require(attributes, "attributes").items);
    });
}

MDEV_API int mdev_definition_append_attribute(
    mdev_definition* definition, const char* name, const char* value)
{
    return change(definition, [&](auto& changed) {
        changed.append_attribute(
            require_text(name, "name"), require_text(value, "value"));
    });
}

MDEV_API int mdev_definition_insert_attribute(mdev_definition* definition,
    size_t index, const char* name, const char* value)
{
    return change(definition, [&](auto& changed) {
        changed.insert_attribute(
            index, require_text(name, "name"), require_text(value, "value"));
    });
}

MDEV_API int mdev_definition_erase_attribute(
    mdev_definition* definition, size_t index)
{
    return change(
        definition, [&](auto& value) { value.erase_attribute(index); });
}

MDEV_LIST(definition_list, const mdev_definition*)
MDEV_HANDLE(definition_list)

MDEV_API int mdev_definition_list_new(mdev_definition_list** made)
{
    return make(made, "made", [] { return mdev_definition_list(); });
}

MDEV_API int mdev_definition_list_append(
    mdev_definition_list* list, const mdev_definition* definition)
{
    return guard([&] { require(list).items.push_back(require(definition)); });
}

MDEV_API int mdev_definition_list_to_json(
    const mdev_definition_list* list, mdev_string** json)
{
    return make(json, "json",
        [&] { return mdev::to_json(values_of<mdev::Definition>(list)); });
}
