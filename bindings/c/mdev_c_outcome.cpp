// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/export.hpp>
#include <mdev/outcome.hpp>

#include <mdev.h>

namespace {

const mdev::Outcome& value_of(const mdev_outcome* outcome)
{
    return require(outcome, "outcome").value;
}

}

MDEV_API int mdev_outcome_action(const mdev_outcome* outcome)
{
    return guard_number(
        [&] { return static_cast<int>(value_of(outcome).action()); });
}

MDEV_API const char* mdev_outcome_word(const mdev_outcome* outcome)
{
    return guard_pointer([&] { return value_of(outcome).word(); });
}

MDEV_API const mdev_uuid* mdev_outcome_uuid(const mdev_outcome* outcome)
{
    return guard_pointer([&] { return &require(outcome, "outcome").uuid; });
}

MDEV_API const char* mdev_outcome_parent(const mdev_outcome* outcome)
{
    return guard_pointer([&] { return value_of(outcome).parent().c_str(); });
}

MDEV_API const char* mdev_outcome_type(const mdev_outcome* outcome)
{
    return guard_pointer([&] { return value_of(outcome).type_id().c_str(); });
}

MDEV_API int mdev_outcome_is_changed(const mdev_outcome* outcome)
{
    return guard_number([&] { return value_of(outcome).is_changed() ? 1 : 0; });
}

MDEV_API int mdev_outcome_differences(
    const mdev_outcome* outcome, mdev_string_list** differences)
{
    return make(differences, "differences",
        [&] { return value_of(outcome).differences(); });
}

MDEV_API const char* mdev_outcome_error(const mdev_outcome* outcome)
{
    return guard_pointer([&] { return value_of(outcome).error().c_str(); });
}

MDEV_API int mdev_outcome_json(const mdev_outcome* outcome, mdev_string** json)
{
    return make(json, "json", [&] { return value_of(outcome).to_json(); });
}

MDEV_API int mdev_outcome_copy(
    const mdev_outcome* outcome, mdev_outcome** copied)
{
    return copy(outcome, copied);
}

MDEV_API void mdev_outcome_free(mdev_outcome* outcome)
{
    delete outcome;
}
