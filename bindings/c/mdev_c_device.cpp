// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/device.hpp>
#include <mdev/export.hpp>

#include <mdev.h>

namespace {

const mdev::Device& value_of(const mdev_device* device)
{
    return require(device, "device").value;
}

std::string_view require_bytes(const void* bytes, std::size_t size)
{
    if (size == 0)
        return {};
    return {&require(static_cast<const char*>(bytes), "value"), size};
}

}

MDEV_API int mdev_device_find(
    const mdev_uuid* uuid, const mdev_environment* env, mdev_device** found)
{
    return find(found, "found", [&] {
        return mdev::Device::find(
            require_uuid(uuid), require(env, "env").value);
    });
}

MDEV_API int mdev_device_all(
    const mdev_environment* env, mdev_device_list** all)
{
    return make(all, "all",
        [&] { return mdev::Device::all(require(env, "env").value); });
}

MDEV_API const mdev_uuid* mdev_device_uuid(const mdev_device* device)
{
    return guard_pointer([&] { return &require(device, "device").uuid; });
}

MDEV_API const char* mdev_device_parent(const mdev_device* device)
{
    return guard_pointer([&] { return value_of(device).parent().c_str(); });
}

MDEV_API const char* mdev_device_type(const mdev_device* device)
{
    return guard_pointer([&] { return value_of(device).type_id().c_str(); });
}

MDEV_API const char* mdev_device_path(const mdev_device* device)
{
    return guard_pointer(
        [&] { return require(device, "device").path.c_str(); });
}

MDEV_API int mdev_device_set_attribute(
    const mdev_device* device, const char* name, const void* value, size_t size)
{
    return guard([&] {
        value_of(device).set_attribute(
            require_text(name, "name"), require_bytes(value, size));
    });
}

MDEV_API int mdev_device_remove(const mdev_device* device)
{
    return guard([&] { value_of(device).remove(); });
}

MDEV_API int mdev_device_copy(const mdev_device* device, mdev_device** copied)
{
    return copy(device, copied);
}

MDEV_API void mdev_device_free(mdev_device* device)
{
    delete device;
}

MDEV_API size_t mdev_device_list_count(const mdev_device_list* list)
{
    return count_of(list);
}

MDEV_API const mdev_device* mdev_device_list_at(
    const mdev_device_list* list, size_t index)
{
    return guard_pointer([&] { return &item(list, index); });
}

MDEV_API void mdev_device_list_free(mdev_device_list* list)
{
    delete list;
}
