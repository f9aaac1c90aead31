// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/diagnosis.hpp>
#include <mdev/export.hpp>

#include <mdev.h>

namespace {

const mdev::Finding& value_of(const mdev_finding* finding)
{
    return require(finding, "finding").value;
}

}

MDEV_API int mdev_diagnose(
    const mdev_environment* env, mdev_finding_list** findings)
{
    return make(findings, "findings",
        [&] { return mdev::diagnose(require(env, "env").value); });
}

MDEV_API const char* mdev_finding_id(const mdev_finding* finding)
{
    return guard_pointer([&] { return value_of(finding).id().c_str(); });
}

MDEV_API int mdev_finding_severity(const mdev_finding* finding)
{
    return guard_number(
        [&] { return static_cast<int>(value_of(finding).severity()); });
}

MDEV_API const char* mdev_finding_subject(const mdev_finding* finding)
{
    return guard_pointer([&] { return value_of(finding).subject().c_str(); });
}

MDEV_API const char* mdev_finding_message(const mdev_finding* finding)
{
    return guard_pointer([&] { return value_of(finding).message().c_str(); });
}

MDEV_API const char* mdev_finding_advice(const mdev_finding* finding)
{
    return guard_pointer([&] { return value_of(finding).advice().c_str(); });
}

MDEV_API int mdev_finding_copy(
    const mdev_finding* finding, mdev_finding** copied)
{
    return copy(finding, copied);
}

MDEV_API void mdev_finding_free(mdev_finding* finding)
{
    delete finding;
}

MDEV_API size_t mdev_finding_list_count(const mdev_finding_list* list)
{
    return count_of(list);
}

MDEV_API const mdev_finding* mdev_finding_list_at(
    const mdev_finding_list* list, size_t index)
{
    return guard_pointer([&] { return &item(list, index); });
}

MDEV_API void mdev_finding_list_free(mdev_finding_list* list)
{
    delete list;
}

MDEV_API int mdev_findings_json(
    const mdev_finding_list* list, mdev_string** json)
{
    return make(json, "json", [&] {
        return mdev::to_json(
            values_of<mdev::Finding>(require(list, "list").items));
    });
}
