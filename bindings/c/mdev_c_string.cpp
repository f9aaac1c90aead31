// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/export.hpp>

#include <mdev.h>

MDEV_API const char* mdev_string_text(const mdev_string* string)
{
    return guard_pointer(
        [&] { return require(string, "string").value.c_str(); });
}

MDEV_API size_t mdev_string_size(const mdev_string* string)
{
    return guard_pointer(
        [&] { return require(string, "string").value.size(); });
}

MDEV_API void mdev_string_free(mdev_string* string)
{
    delete string;
}

MDEV_API size_t mdev_string_list_count(const mdev_string_list* list)
{
    return count_of(list);
}

MDEV_API const char* mdev_string_list_at(
    const mdev_string_list* list, size_t index)
{
    return guard_pointer([&] { return item(list, index).c_str(); });
}

MDEV_API void mdev_string_list_free(mdev_string_list* list)
{
    delete list;
}
