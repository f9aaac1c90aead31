// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/device_status.hpp>
#include <mdev/export.hpp>

#include <mdev.h>

namespace {

const mdev::DeviceStatus& value_of(const mdev_device_status* status)
{
    return require(status, "status").value;
}

std::vector<std::string> texts(const std::vector<std::filesystem::path>& paths)
{
    return {paths.begin(), paths.end()};
}

}

MDEV_API int mdev_device_status_find(const mdev_uuid* uuid,
    const mdev_environment* env, mdev_device_status** found)
{
    return find(found, "found", [&] {
        return mdev::DeviceStatus::find(
            require_uuid(uuid), require(env, "env").value);
    });
}

MDEV_API const mdev_uuid* mdev_device_status_uuid(
    const mdev_device_status* status)
{
    return guard_pointer([&] { return &require(status, "status").uuid; });
}

MDEV_API int mdev_device_status_active(
    const mdev_device_status* status, mdev_device** device)
{
    return find(device, "device", [&] { return value_of(status).active(); });
}

MDEV_API int mdev_device_status_definitions(
    const mdev_device_status* status, mdev_definition_list** definitions)
{
    return make(definitions, "definitions",
        [&] { return value_of(status).definitions(); });
}

MDEV_API int mdev_device_status_files(
    const mdev_device_status* status, mdev_string_list** files)
{
    return make(
        files, "files", [&] { return texts(value_of(status).files()); });
}

MDEV_API int mdev_device_status_differences(
    const mdev_device_status* status, mdev_string_list** differences)
{
    return make(differences, "differences",
        [&] { return value_of(status).differences(); });
}

MDEV_API int mdev_device_status_type(
    const mdev_device_status* status, mdev_type** type)
{
    return find(type, "type", [&] { return value_of(status).type(); });
}

MDEV_API int mdev_device_status_active_attributes(
    const mdev_device_status* status, mdev_attribute_list** attributes)
{
    return make(attributes, "attributes",
        [&] { return value_of(status).active_attributes(); });
}

MDEV_API const char* mdev_device_status_script(const mdev_device_status* status)
{
    return guard_pointer([&] {
        const auto& script = value_of(status).script();
        return script ? script->c_str() : nullptr;
    });
}

MDEV_API const char* mdev_device_status_iommu_group(
    const mdev_device_status* status)
{
    return guard_pointer(
        [&] { return value_of(status).iommu_group().c_str(); });
}

MDEV_API int mdev_device_status_device_files(
    const mdev_device_status* status, mdev_string_list** files)
{
    return make(
        files, "files", [&] { return texts(value_of(status).device_files()); });
}

MDEV_API int mdev_device_status_users(
    const mdev_device_status* status, mdev_string_list** users)
{
    return make(users, "users", [&] { return value_of(status).users(); });
}

MDEV_API int mdev_device_status_copy(
    const mdev_device_status* status, mdev_device_status** copied)
{
    return copy(status, copied);
}

MDEV_API void mdev_device_status_free(mdev_device_status* status)
{
    delete status;
}

MDEV_API int mdev_status_json(
    const mdev_device_status* status, mdev_string** json)
{
    return make(json, "json", [&] { return value_of(status).to_json(); });
}
