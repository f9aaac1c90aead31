// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/export.hpp>
#include <mdev/mdev_type.hpp>

#include <mdev.h>

namespace {

const mdev::MdevType& value_of(const mdev_type* type)
{
    return require(type, "type").value;
}

}

MDEV_API const char* mdev_type_id(const mdev_type* type)
{
    return guard_pointer([&] { return value_of(type).id().c_str(); });
}

MDEV_API const char* mdev_type_parent(const mdev_type* type)
{
    return guard_pointer([&] { return value_of(type).parent().c_str(); });
}

MDEV_API long mdev_type_available_instances(const mdev_type* type)
{
    return guard_number([&] { return value_of(type).available_instances(); });
}

MDEV_API const char* mdev_type_device_api(const mdev_type* type)
{
    return guard_pointer([&] { return value_of(type).device_api().c_str(); });
}

MDEV_API const char* mdev_type_name(const mdev_type* type)
{
    return guard_pointer([&] { return value_of(type).name().c_str(); });
}

MDEV_API const char* mdev_type_description(const mdev_type* type)
{
    return guard_pointer([&] { return value_of(type).description().c_str(); });
}

MDEV_API const char* mdev_type_path(const mdev_type* type)
{
    return guard_pointer([&] { return require(type, "type").path.c_str(); });
}

MDEV_API int mdev_type_create(
    const mdev_type* type, const mdev_uuid* uuid, mdev_device** device)
{
    return make_if_wanted(
        device, [&] { return value_of(type).create(require_uuid(uuid)); });
}

MDEV_API int mdev_type_copy(const mdev_type* type, mdev_type** copied)
{
    return copy(type, copied);
}

MDEV_API void mdev_type_free(mdev_type* type)
{
    delete type;
}

MDEV_API size_t mdev_type_list_count(const mdev_type_list* list)
{
    return count_of(list);
}

MDEV_API const mdev_type* mdev_type_list_at(
    const mdev_type_list* list, size_t index)
{
    return guard_pointer([&] { return &item(list, index); });
}

MDEV_API void mdev_type_list_free(mdev_type_list* list)
{
    delete list;
}
