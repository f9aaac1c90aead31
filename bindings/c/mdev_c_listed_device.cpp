// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/export.hpp>
#include <mdev/listed_device.hpp>

#include <mdev.h>

namespace {

const mdev::ListedDevice& value_of(const mdev_listed_device* device)
{
    return require(device, "device").value;
}

}

MDEV_API int mdev_listed_device_active(const mdev_uuid* uuid,
    const char* parent, int scripts, const mdev_environment* env,
    mdev_listed_device_list** devices)
{
    return make(devices, "devices", [&] {
        return mdev::ListedDevice::active(optional_uuid(uuid),
            optional_text(parent),
            require_enum(scripts, mdev::AskScripts::yes, "scripts"),
            require(env, "env").value);
    });
}

MDEV_API int mdev_listed_device_defined(const mdev_uuid* uuid,
    const char* parent, const mdev_environment* env,
    mdev_listed_device_list** devices)
{
    return make(devices, "devices", [&] {
        return mdev::ListedDevice::defined(optional_uuid(uuid),
            optional_text(parent), require(env, "env").value);
    });
}

MDEV_API const mdev_definition* mdev_listed_device_definition(
    const mdev_listed_device* device)
{
    return guard_pointer([&] { return &require(device, "device").definition; });
}

MDEV_API int mdev_listed_device_is_active(const mdev_listed_device* device)
{
    return guard_number([&] { return value_of(device).is_active() ? 1 : 0; });
}

MDEV_API int mdev_listed_device_is_defined(const mdev_listed_device* device)
{
    return guard_number([&] { return value_of(device).is_defined() ? 1 : 0; });
}

MDEV_API int mdev_listed_device_differences(
    const mdev_listed_device* device, mdev_string_list** differences)
{
    return make(differences, "differences",
        [&] { return value_of(device).differences(); });
}

MDEV_API const char* mdev_listed_device_path(const mdev_listed_device* device)
{
    return guard_pointer(
        [&] { return require(device, "device").path.c_str(); });
}

MDEV_API const char* mdev_listed_device_file(const mdev_listed_device* device)
{
    return guard_pointer(
        [&] { return require(device, "device").file.c_str(); });
}

MDEV_API int mdev_listed_device_copy(
    const mdev_listed_device* device, mdev_listed_device** copied)
{
    return copy(device, copied);
}

MDEV_API void mdev_listed_device_free(mdev_listed_device* device)
{
    delete device;
}

MDEV_API size_t mdev_listed_device_list_count(
    const mdev_listed_device_list* list)
{
    return count_of(list);
}

MDEV_API const mdev_listed_device* mdev_listed_device_list_at(
    const mdev_listed_device_list* list, size_t index)
{
    return guard_pointer([&] { return &item(list, index); });
}

MDEV_API void mdev_listed_device_list_free(mdev_listed_device_list* list)
{
    delete list;
}

MDEV_API int mdev_devices_json(
    const mdev_listed_device_list* list, mdev_string** json)
{
    return make(json, "json", [&] {
        return mdev::to_json(
            values_of<mdev::ListedDevice>(require(list, "list").items),
            mdev::JsonFormat::flat);
    });
}
