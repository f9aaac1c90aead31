// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/export.hpp>

#include <mdev.h>

namespace {

const mdev::CalloutResult& value_of(const mdev_callout_result* result)
{
    return require(result, "result").value;
}

/// Bytes, and how many there are for who wants to know.
const char* bytes(const std::string& text, size_t* size)
{
    if (size)
        *size = text.size();
    return text.c_str();
}

}

MDEV_API const char* mdev_callout_result_script(
    const mdev_callout_result* result)
{
    return guard_pointer([&] { return value_of(result).script().c_str(); });
}

MDEV_API int mdev_callout_result_is_accepted(const mdev_callout_result* result)
{
    return guard_number([&] { return value_of(result).is_accepted() ? 1 : 0; });
}

MDEV_API const char* mdev_callout_result_reason(
    const mdev_callout_result* result)
{
    return guard_pointer([&] { return value_of(result).reason().c_str(); });
}

MDEV_API const char* mdev_callout_result_output(
    const mdev_callout_result* result, size_t* size)
{
    return guard_pointer(
        [&] { return bytes(value_of(result).output(), size); });
}

MDEV_API const char* mdev_callout_result_errors(
    const mdev_callout_result* result, size_t* size)
{
    return guard_pointer(
        [&] { return bytes(value_of(result).errors(), size); });
}

MDEV_API int mdev_callout_result_copy(
    const mdev_callout_result* result, mdev_callout_result** copied)
{
    return copy(result, copied);
}

MDEV_API void mdev_callout_result_free(mdev_callout_result* result)
{
    delete result;
}

MDEV_API size_t mdev_callout_result_list_count(
    const mdev_callout_result_list* list)
{
    return count_of(list);
}

MDEV_API const mdev_callout_result* mdev_callout_result_list_at(
    const mdev_callout_result_list* list, size_t index)
{
    return guard_pointer([&] { return &item(list, index); });
}

MDEV_API void mdev_callout_result_list_free(mdev_callout_result_list* list)
{
    delete list;
}
