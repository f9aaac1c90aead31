// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

#include <mdev.h>

MDEV_API int mdev_parent_device_find(
    const char* name, const mdev_environment* env, mdev_parent_device** found)
{
    return find(found, "found", [&] {
        return mdev::ParentDevice::find(
            require_text(name, "name"), require(env, "env").value);
    });
}

MDEV_API int mdev_parent_device_all(
    const mdev_environment* env, mdev_parent_device_list** all)
{
    return make(all, "all",
        [&] { return mdev::ParentDevice::all(require(env, "env").value); });
}

MDEV_API const char* mdev_parent_device_name(const mdev_parent_device* parent)
{
    return guard_pointer(
        [&] { return require(parent, "parent").value.name().c_str(); });
}

MDEV_API int mdev_parent_device_types(
    const mdev_parent_device* parent, mdev_type_list** types)
{
    return make(types, "types",
        [&] { return require(parent, "parent").value.types(); });
}

MDEV_API int mdev_parent_device_type(
    const mdev_parent_device* parent, const char* id, mdev_type** found)
{
    return find(found, "found", [&] {
        return require(parent, "parent").value.type(require_text(id, "id"));
    });
}

MDEV_API int mdev_parent_device_copy(
    const mdev_parent_device* parent, mdev_parent_device** copied)
{
    return copy(parent, copied);
}

MDEV_API void mdev_parent_device_free(mdev_parent_device* parent)
{
    delete parent;
}

MDEV_API int mdev_parent_device_list_new(mdev_parent_device_list** made)
{
    return make(made, "made", [] { return mdev_parent_device_list(); });
}

MDEV_API int mdev_parent_device_list_append(
    mdev_parent_device_list* list, const mdev_parent_device* parent)
{
    return guard([&] {
        require(list, "list").items.push_back(require(parent, "parent"));
    });
}

MDEV_API size_t mdev_parent_device_list_count(
    const mdev_parent_device_list* list)
{
    return count_of(list);
}

MDEV_API const mdev_parent_device* mdev_parent_device_list_at(
    const mdev_parent_device_list* list, size_t index)
{
    return guard_pointer([&] { return &item(list, index); });
}

MDEV_API void mdev_parent_device_list_free(mdev_parent_device_list* list)
{
    delete list;
}

MDEV_API int mdev_types_json(
    const mdev_parent_device_list* parents, mdev_string** json)
{
    return make(json, "json", [&] {
        return mdev::to_json(
            values_of<mdev::ParentDevice>(require(parents, "parents").items),
            mdev::JsonFormat::compatible);
    });
}

MDEV_API int mdev_flat_types_json(
    const mdev_parent_device_list* parents, mdev_string** json)
{
    return make(json, "json", [&] {
        return mdev::to_json(
            values_of<mdev::ParentDevice>(require(parents, "parents").items),
            mdev::JsonFormat::flat);
    });
}
