// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev.h>

// The store of definitions.

MDEV_HANDLE(config_store)
MDEV_FREE(store_lock)

MDEV_API int mdev_config_store_new(
    const mdev_environment* env, mdev_config_store** made)
{
    return make(made, "made", [&] { return mdev::ConfigStore(value_of(env)); });
}

MDEV_API int mdev_config_store_all(
    const mdev_config_store* store, mdev_definition_list** all)
{
    return make(all, "all", [&] { return value_of(store).all(); });
}

MDEV_API int mdev_config_store_of_parent(const mdev_config_store* store,
    const char* parent, mdev_definition_list** definitions)
{
    return make(definitions, "definitions", [&] {
        return value_of(store).of_parent(require_text(parent, "parent"));
    });
}

MDEV_API int mdev_config_store_of_uuid(const mdev_config_store* store,
    const mdev_uuid* uuid, mdev_definition_list** definitions)
{
    return make(definitions, "definitions",
        [&] { return value_of(store).of_uuid(require_uuid(uuid)); });
}

MDEV_API int mdev_config_store_parents_of(const mdev_config_store* store,
    const mdev_uuid* uuid, mdev_string_list** parents)
{
    return make(parents, "parents",
        [&] { return value_of(store).parents_of(require_uuid(uuid)); });
}

MDEV_API int mdev_config_store_find(const mdev_config_store* store,
    const mdev_uuid* uuid, const char* parent, mdev_definition** found)
{
    return find(found, "found", [&] {
        return value_of(store).find(
            require_uuid(uuid), require_text(parent, "parent"));
    });
}

MDEV_API int mdev_config_store_lock(
    const mdev_config_store* store, mdev_store_lock** held)
{
    return make(held, "held", [&] { return value_of(store).lock(); });
}

MDEV_API int mdev_config_store_add(const mdev_config_store* store,
    const mdev_definition* definition, const mdev_store_lock* held)
{
    return guard(
        [&] { value_of(store).add(value_of(definition), value_of(held)); });
}

MDEV_API int mdev_config_store_save(const mdev_config_store* store,
    const mdev_definition* definition, const mdev_store_lock* held)
{
    return guard(
        [&] { value_of(store).save(value_of(definition), value_of(held)); });
}

MDEV_API int mdev_config_store_erase(const mdev_config_store* store,
    const mdev_uuid* uuid, const char* parent, const mdev_store_lock* held,
    int* erased)
{
    return guard([&] {
        const bool done = value_of(store).erase(
            require_uuid(uuid), require_text(parent, "parent"), value_of(held));
        if (erased)
            *erased = done ? 1 : 0;
    });
}

MDEV_API int mdev_config_store_path(const mdev_config_store* store,
    const mdev_uuid* uuid, const char* parent, mdev_string** path)
{
    return make(path, "path", [&] {
        return value_of(store)
            .path(require_uuid(uuid), require_text(parent, "parent"))
            .string();
    });
}
