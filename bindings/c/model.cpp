// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev.h>

// Parents, types, devices; and events.

namespace {

std::string_view require_bytes(const void* bytes, std::size_t size)
{
    if (size == 0)
        return {};
    return {&require(static_cast<const char*>(bytes), "value"), size};
}

}

MDEV_HANDLE(parent_device)
MDEV_TEXT(parent_device, name)
MDEV_MEMBER(parent_device, const char*, path)
MDEV_NUMBER(parent_device, framework)

MDEV_API const char* mdev_framework_word(int framework)
{
    return guard_pointer([&] {
        return mdev::word(
            require_enum<mdev::Framework>(framework, "framework"));
    });
}

MDEV_API int mdev_parent_device_find(
    const char* name, const mdev_environment* env, mdev_parent_device** found)
{
    return find(found, "found", [&] {
        return mdev::ParentDevice::find(
            require_text(name, "name"), value_of(env));
    });
}

MDEV_API int mdev_parent_device_all(
    const mdev_environment* env, mdev_parent_device_list** all)
{
    return make(
        all, "all", [&] { return mdev::ParentDevice::all(value_of(env)); });
}

MDEV_API int mdev_parent_device_resolve(const char* spelling,
    const mdev_environment* env, mdev_parent_device** found)
{
    return find(found, "found", [&] {
        return mdev::ParentDevice::resolve(
            require_text(spelling, "spelling"), value_of(env));
    });
}

MDEV_API int mdev_parent_device_real_path(
    const mdev_parent_device* parent, mdev_string** path)
{
    return make(
        path, "path", [&] { return value_of(parent).real_path().string(); });
}

MDEV_API int mdev_parent_device_driver(
    const mdev_parent_device* parent, mdev_string** driver)
{
    return make(driver, "driver", [&] { return value_of(parent).driver(); });
}

MDEV_API int mdev_parent_device_subsystem(
    const mdev_parent_device* parent, mdev_string** subsystem)
{
    return make(
        subsystem, "subsystem", [&] { return value_of(parent).subsystem(); });
}

MDEV_API int mdev_parent_device_other_names(
    const mdev_parent_device* parent, mdev_string_list** names)
{
    return make(names, "names", [&] { return value_of(parent).other_names(); });
}

MDEV_API int mdev_parent_device_devices(
    const mdev_parent_device* parent, mdev_device_list** devices)
{
    return make(devices, "devices", [&] { return value_of(parent).devices(); });
}

MDEV_API int mdev_parent_device_types(
    const mdev_parent_device* parent, mdev_type_list** types)
{
    return make(types, "types", [&] { return value_of(parent).types(); });
}

MDEV_API int mdev_parent_device_type(
    const mdev_parent_device* parent, const char* id, mdev_type** found)
{
    return find(found, "found",
        [&] { return value_of(parent).type(require_text(id, "id")); });
}

MDEV_API int mdev_parent_device_resolve_type(
    const mdev_parent_device* parent, const char* spelling, mdev_type** found)
{
    return find(found, "found", [&] {
        return value_of(parent).resolve_type(
            require_text(spelling, "spelling"));
    });
}

MDEV_API int mdev_parent_device_is_equal(
    const mdev_parent_device* a, const mdev_parent_device* b)
{
    return is_equal(a, b);
}

MDEV_LIST(parent_device_list, const mdev_parent_device*)
MDEV_FREE(parent_device_list)

MDEV_API int mdev_parent_device_list_new(mdev_parent_device_list** made)
{
    return make(made, "made", [] { return mdev_parent_device_list(); });
}

MDEV_API int mdev_parent_device_list_append(
    mdev_parent_device_list* list, const mdev_parent_device* parent)
{
    return guard([&] { require(list).items.push_back(require(parent)); });
}

MDEV_API int mdev_parent_device_list_to_json(
    const mdev_parent_device_list* list, int format, mdev_string** json)
{
    return make(json, "json", [&] {
        return mdev::to_json(values_of<mdev::ParentDevice>(list),
            require_enum<mdev::JsonFormat>(format, "format"));
    });
}

MDEV_HANDLE(type)
MDEV_TEXT(type, id)
MDEV_TEXT(type, parent)
MDEV_TEXT(type, device_api)
MDEV_TEXT(type, name)
MDEV_TEXT(type, description)
MDEV_MEMBER(type, const char*, path)

MDEV_API int64_t mdev_type_available_instances(const mdev_type* type)
{
    return guard_number([&] { return value_of(type).available_instances(); });
}

MDEV_API int mdev_type_all_available(
    const char* spelling, const mdev_environment* env, mdev_type_list** types)
{
    return make(types, "types", [&] {
        return mdev::MdevType::all_available(
            require_text(spelling, "spelling"), value_of(env));
    });
}

MDEV_API int mdev_type_create(
    const mdev_type* type, const mdev_uuid* uuid, mdev_device** device)
{
    return make_if_wanted(
        device, [&] { return value_of(type).create(require_uuid(uuid)); });
}

MDEV_LIST(type_list, const mdev_type*)
MDEV_FREE(type_list)

MDEV_LIST(device_user_list, const mdev_device_user*)
MDEV_HANDLE(device_user_list)

MDEV_HANDLE(device_user)
MDEV_NUMBER(device_user, pid)
MDEV_TEXT(device_user, command)

MDEV_HANDLE(device)
MDEV_MEMBER(device, const mdev_uuid*, uuid)
MDEV_TEXT(device, parent)
MDEV_TEXT(device, type_id)
MDEV_NUMBER(device, framework)
MDEV_MEMBER(device, const char*, path)

MDEV_API int mdev_device_find(
    const mdev_uuid* uuid, const mdev_environment* env, mdev_device** found)
{
    return find(found, "found",
        [&] { return mdev::Device::find(require_uuid(uuid), value_of(env)); });
}

MDEV_API int mdev_device_all(
    const mdev_environment* env, mdev_device_list** all)
{
    return make(all, "all", [&] { return mdev::Device::all(value_of(env)); });
}

MDEV_API int mdev_device_real_path(
    const mdev_device* device, mdev_string** path)
{
    return make(
        path, "path", [&] { return value_of(device).real_path().string(); });
}

MDEV_API int mdev_device_iommu_group(
    const mdev_device* device, mdev_string** group)
{
    return make(group, "group", [&] { return value_of(device).iommu_group(); });
}

MDEV_API int mdev_device_device_files(
    const mdev_device* device, mdev_string_list** files)
{
    return make(
        files, "files", [&] { return texts(value_of(device).device_files()); });
}

MDEV_API int mdev_device_attribute(
    const mdev_device* device, const char* name, mdev_string** value)
{
    return make(value, "value",
        [&] { return value_of(device).attribute(require_text(name, "name")); });
}

MDEV_API int mdev_device_set_attribute(
    const mdev_device* device, const char* name, const void* value, size_t size)
{
    return guard([&] {
        value_of(device).set_attribute(
            require_text(name, "name"), require_bytes(value, size));
    });
}

MDEV_API int mdev_device_users(
    const mdev_device* device, mdev_device_user_list** users)
{
    return make(users, "users", [&] { return value_of(device).users(); });
}

MDEV_API int mdev_device_remove(const mdev_device* device)
{
    return guard([&] { value_of(device).remove(); });
}

MDEV_API int mdev_device_is_equal(const mdev_device* a, const mdev_device* b)
{
    return is_equal(a, b);
}

MDEV_LIST(device_list, const mdev_device*)
MDEV_FREE(device_list)

MDEV_HANDLE(event_filter)

MDEV_API int mdev_event_filter_new(mdev_event_filter** made)
{
    return make(made, "made", [] { return mdev::EventFilter(); });
}

MDEV_API int mdev_event_filter_set_parent(
    mdev_event_filter* filter, const char* parent)
{
    return change(filter,
        [&](auto& value) { value.parent(require_text(parent, "parent")); });
}

MDEV_API int mdev_event_filter_set_uuid(
    mdev_event_filter* filter, const mdev_uuid* uuid)
{
    return change(filter, [&](auto& value) { value.uuid(require_uuid(uuid)); });
}

MDEV_API int mdev_event_filter_add_kind(mdev_event_filter* filter, int kind)
{
    return change(filter, [&](auto& value) {
        value.kind(require_enum<mdev::EventKind>(kind, "kind"));
    });
}

MDEV_HANDLE(monitor)
MDEV_NUMBER(monitor, has_uevents)
MDEV_NUMBER(monitor, descriptor)

MDEV_API int mdev_monitor_new(const mdev_environment* env, mdev_monitor** made)
{
    return make(made, "made", [&] { return mdev::Monitor(value_of(env)); });
}

MDEV_API int mdev_monitor_new_filtered(const mdev_environment* env,
    const mdev_event_filter* filter, mdev_monitor** made)
{
    return make(made, "made",
        [&] { return mdev::Monitor(value_of(env), value_of(filter)); });
}

MDEV_API int mdev_monitor_read(
    const mdev_monitor* monitor, mdev_event_list** events)
{
    return make(events, "events", [&] { return value_of(monitor).read(); });
}

MDEV_API int mdev_monitor_current(
    const mdev_monitor* monitor, mdev_event_list** events)
{
    return make(events, "events", [&] { return value_of(monitor).current(); });
}

MDEV_HANDLE(event)
MDEV_NUMBER(event, kind)
MDEV_TEXT(event, word)
MDEV_TEXT(event, parent)
MDEV_MEMBER(event, const mdev_uuid*, uuid)
MDEV_TEXT(event, type_id)
MDEV_MEMBER(event, const mdev_string_list*, offered_type_ids)
MDEV_JSON(event)

MDEV_API const char* mdev_event_kind_word(int kind)
{
    return guard_pointer([&] {
        return mdev::word(require_enum<mdev::EventKind>(kind, "kind"));
    });
}

MDEV_API int mdev_event_start(const mdev_event* event, int* start)
{
    return guard([&] {
        int& out = require(start, "start");
        const auto mode = value_of(event).start();
        out = mode ? static_cast<int>(*mode) : -1;
    });
}

MDEV_LIST(event_list, const mdev_event*)
MDEV_FREE(event_list)
