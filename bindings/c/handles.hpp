// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "guard.hpp"

#include <mdev/export.hpp>
#include <mdev/mdev.hpp>

#include <deque>
#include <filesystem>
#include <mdev.h>
#include <string>
#include <vector>

// The handles. Each holds an object of the C++ library and, beside it, whatever
// C++ returns by value but C is lent by pointer. `argument` is the usual name
// of an argument of that class.

/// A list of handles or values. Items of a list that can grow must stay where
/// they are, because C has pointers to them.
template <class Item, class Items = std::vector<Item>> struct List {
    static constexpr auto argument = "list";
    Items items;

    List() = default;
    template <class Value> explicit List(std::vector<Value> values)
    {
        for (auto& value : values)
            items.push_back(Item{std::move(value)});
    }
};

/// Returns the names of files and directories as text.
inline std::vector<std::string> texts(
    const std::vector<std::filesystem::path>& paths)
{
    return {paths.begin(), paths.end()};
}

template <class Handle, class Value>
std::optional<Handle> handle_of(const std::optional<Value>& value)
{
    return value ? std::optional(Handle{*value}) : std::nullopt;
}

struct mdev_string {
    static constexpr auto argument = "string";
    std::string text;
};

struct mdev_string_list : List<std::string> {
    using List::List;
};

struct mdev_attribute_list : List<mdev::Attribute> {
    using List::List;
};

struct mdev_environment {
    static constexpr auto argument = "env";
    mdev::Environment value;
    std::string parents_directory = value.parents_directory();
    std::string devices_directory = value.devices_directory();
    std::string definitions_directory = value.definitions_directory();
    mdev_string_list callout_directories{texts(value.callout_directories())};
    mdev_string_list notifier_directories{texts(value.notifier_directories())};
};

struct mdev_parent_device {
    static constexpr auto argument = "parent";
    mdev::ParentDevice value;
    std::string path = value.path();
};

struct mdev_parent_device_list
    : List<mdev_parent_device, std::deque<mdev_parent_device>> {
    using List::List;
};

struct mdev_type {
    static constexpr auto argument = "type";
    mdev::MdevType value;
    std::string path = value.path();
};

struct mdev_type_list : List<mdev_type> {
    using List::List;
};

struct mdev_device_user {
    static constexpr auto argument = "user";
    mdev::DeviceUser value;
};

struct mdev_device_user_list : List<mdev_device_user> {
    using List::List;
};

struct mdev_device {
    static constexpr auto argument = "device";
    mdev::Device value;
    mdev_uuid uuid = uuid_of(value.uuid());
    std::string path = value.path();
};

struct mdev_device_list : List<mdev_device> {
    using List::List;
};

struct mdev_definition {
    static constexpr auto argument = "definition";
    mdev::Definition value;
    mdev_uuid uuid = uuid_of(value.uuid());
    mdev_attribute_list attributes{value.attributes()};
};

struct mdev_definition_list
    : List<mdev_definition, std::deque<mdev_definition>> {
    using List::List;
};

struct mdev_device_spec {
    static constexpr auto argument = "spec";
    mdev::DeviceSpec value;
    std::optional<mdev_uuid> uuid = uuid_of(value.uuid());
};

struct mdev_config_store {
    static constexpr auto argument = "store";
    mdev::ConfigStore value;
};

struct mdev_store_lock {
    static constexpr auto argument = "held";
    mdev::StoreLock value;
};

struct mdev_callout_engine {
    static constexpr auto argument = "engine";
    mdev::CalloutEngine value;
};

struct mdev_callout_result {
    static constexpr auto argument = "result";
    mdev::CalloutResult value;
};

struct mdev_callout_result_list : List<mdev_callout_result> {
    using List::List;
};

struct mdev_event_filter {
    static constexpr auto argument = "filter";
    mdev::EventFilter value;
};

struct mdev_monitor {
    static constexpr auto argument = "monitor";
    mdev::Monitor value;
};

struct mdev_event {
    static constexpr auto argument = "event";
    mdev::Event value;
    std::optional<mdev_uuid> uuid = uuid_of(value.uuid());
    mdev_string_list offered_type_ids{value.offered_type_ids()};
};

struct mdev_event_list : List<mdev_event> {
    using List::List;
};

struct mdev_listed_device {
    static constexpr auto argument = "device";
    mdev::ListedDevice value;
    mdev_definition definition{value.definition()};
    mdev_string_list differences{value.differences()};
    std::string path = value.path();
    std::string file = value.file();
};

struct mdev_listed_device_list : List<mdev_listed_device> {
    using List::List;
};

struct mdev_device_status {
    static constexpr auto argument = "status";
    mdev::DeviceStatus value;
    mdev_uuid uuid = uuid_of(value.uuid());
    std::optional<mdev_device> active = handle_of<mdev_device>(value.active());
    mdev_definition_list definitions{value.definitions()};
    mdev_string_list files{texts(value.files())};
    mdev_string_list differences{value.differences()};
    std::optional<mdev_type> type = handle_of<mdev_type>(value.type());
    mdev_attribute_list active_attributes{value.active_attributes()};
    mdev_string_list device_files{texts(value.device_files())};
    mdev_string_list users{value.users()};
};

struct mdev_finding {
    static constexpr auto argument = "finding";
    mdev::Finding value;
};

struct mdev_finding_list : List<mdev_finding> {
    using List::List;
};

struct mdev_script_remark {
    static constexpr auto argument = "remark";
    mdev::ScriptRemark value;
};

struct mdev_script_remark_list : List<mdev_script_remark> {
    using List::List;
};

struct mdev_host_device {
    static constexpr auto argument = "device";
    mdev::HostDevice value;
    mdev_definition definition{value.definition()};
};

struct mdev_host_device_list
    : List<mdev_host_device, std::deque<mdev_host_device>> {
    using List::List;
};

struct mdev_host_state {
    static constexpr auto argument = "state";
    mdev::HostState value;
};

struct mdev_outcome {
    static constexpr auto argument = "outcome";
    mdev::Outcome value;
    mdev_uuid uuid = uuid_of(value.uuid());
    mdev_string_list differences{value.differences()};
    mdev_device_user_list users{value.users()};
    std::optional<mdev_definition> before =
        handle_of<mdev_definition>(value.before());
    std::optional<mdev_definition> after =
        handle_of<mdev_definition>(value.after());
};

struct mdev_outcome_list : List<mdev_outcome> {
    using List::List;
};

struct mdev_manager {
    static constexpr auto argument = "manager";
    mdev::Manager value;
};

/// Returns the C++ objects of a list's handles.
template <class Value, class List>
std::vector<Value> values_of(const List* list)
{
    std::vector<Value> values;
    for (const auto& handle : require(list).items)
        values.push_back(handle.value);
    return values;
}

/// Says which enumerators of mdev::NAME a function takes.
#define MDEV_ENUMERATION(name, first_one, last_one)                            \
    template <> struct Enumeration<mdev::name> {                               \
        static constexpr auto first = mdev::name::first_one;                   \
        static constexpr auto last = mdev::name::last_one;                     \
    };

MDEV_ENUMERATION(ActiveDevices, leave, apply)
MDEV_ENUMERATION(Activity, by_start_mode, unknown)
MDEV_ENUMERATION(AskScripts, no, yes)
MDEV_ENUMERATION(CalloutAction, start, capabilities)
MDEV_ENUMERATION(CalloutEvent, get, notify)
MDEV_ENUMERATION(CalloutState, none, failure)
MDEV_ENUMERATION(EventKind, device_added, overflow)
MDEV_ENUMERATION(Framework, mdev, vendor_vfio)
MDEV_ENUMERATION(InUse, wait, refuse)
MDEV_ENUMERATION(JsonFormat, compatible, flat)
MDEV_ENUMERATION(LiveScope, device, device_and_definition)
MDEV_ENUMERATION(LogLevel, error, trace)
MDEV_ENUMERATION(Prune, no, yes)
MDEV_ENUMERATION(StartMode, manual, automatic)

/// Returns the pointer that C is lent to a value that stays in the handle.
inline const char* lend(const char* text)
{
    return text;
}

inline const char* lend(const std::string& text)
{
    return text.c_str();
}

inline const char* lend(const std::filesystem::path& path)
{
    return path.c_str();
}

template <class Value> const Value* lend(const Value& value)
{
    return &value;
}

template <class Value> auto lend(const std::optional<Value>& value)
{
    return value ? lend(*value) : nullptr;
}

/// A temporary value does not stay.
template <class Value> void lend(const Value&& value) = delete;

/// Returns 1 if the C++ objects of two handles are equal, 0 if not, or a code.
template <class Handle> int is_equal(const Handle* a, const Handle* b)
{
    return guard_number(
        [&] { return require(a, "a").value == require(b, "b").value ? 1 : 0; });
}

// The functions that every class has. NAME is the class without mdev_.

/// Defines mdev_NAME_free().
#define MDEV_FREE(name)                                                        \
    MDEV_API void mdev_##name##_free(mdev_##name* handle)                      \
    {                                                                          \
        delete handle;                                                         \
    }

/// Defines mdev_NAME_copy() and mdev_NAME_free().
#define MDEV_HANDLE(name)                                                      \
    MDEV_API int mdev_##name##_copy(                                           \
        const mdev_##name* handle, mdev_##name** copied)                       \
    {                                                                          \
        return copy(handle, copied);                                           \
    }                                                                          \
    MDEV_FREE(name)

/// Defines mdev_NAME_count() and mdev_NAME_at(), which returns a `result`.
#define MDEV_LIST(name, result)                                                \
    MDEV_API size_t mdev_##name##_count(const mdev_##name* list)               \
    {                                                                          \
        return count_of(list);                                                 \
    }                                                                          \
    MDEV_API result mdev_##name##_at(const mdev_##name* list, size_t index)    \
    {                                                                          \
        return guard_pointer([&] { return lend(item(list, index)); });         \
    }

/// Defines mdev_NAME_PROPERTY(), which lends the text that C++ has under the
/// name of `property`.
#define MDEV_TEXT(name, property)                                              \
    MDEV_API const char* mdev_##name##_##property(const mdev_##name* handle)   \
    {                                                                          \
        return guard_pointer(                                                  \
            [&] { return lend(value_of(handle).property()); });                \
    }

/// Defines mdev_NAME_MEMBER(), which lends a member of the handle as a
/// `result`.
#define MDEV_MEMBER(name, result, member)                                      \
    MDEV_API result mdev_##name##_##member(const mdev_##name* handle)          \
    {                                                                          \
        return guard_pointer([&] { return lend(require(handle).member); });    \
    }

/// Defines mdev_NAME_PROPERTY(), which returns an enumerator, 1 or 0.
#define MDEV_NUMBER(name, property)                                            \
    MDEV_API int mdev_##name##_##property(const mdev_##name* handle)           \
    {                                                                          \
        return guard_number(                                                   \
            [&] { return static_cast<int>(value_of(handle).property()); });    \
    }

/// Defines mdev_NAME_framework(), which returns 0 for none.
#define MDEV_FRAMEWORK(name)                                                   \
    MDEV_API int mdev_##name##_framework(const mdev_##name* handle)            \
    {                                                                          \
        return guard_number([&] {                                              \
            const auto framework = value_of(handle).framework();               \
            return framework ? static_cast<int>(*framework) : 0;               \
        });                                                                    \
    }

/// Defines mdev_NAME_to_json().
#define MDEV_JSON(name)                                                        \
    MDEV_API int mdev_##name##_to_json(                                        \
        const mdev_##name* handle, mdev_string** json)                         \
    {                                                                          \
        return make(json, "json", [&] { return value_of(handle).to_json(); }); \
    }
