// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/export.hpp>
#include <mdev/host_state.hpp>

#include <mdev.h>

MDEV_API int mdev_host_state_of(
    const mdev_environment* env, mdev_host_state** made)
{
    return make(made, "made",
        [&] { return mdev::HostState::of(require(env, "env").value); });
}

MDEV_API int mdev_host_state_from_json(const char* json, const char* source,
    const mdev_environment* env, mdev_host_state** made)
{
    return make(made, "made", [&] {
        return mdev::HostState::from_json(require_text(json, "json"),
            require_text(source, "source"), require(env, "env").value);
    });
}

MDEV_API int mdev_host_state_from_file(
    const char* file, const mdev_environment* env, mdev_host_state** made)
{
    return make(made, "made", [&] {
        return mdev::HostState::from_file(
            require_text(file, "file"), require(env, "env").value);
    });
}

MDEV_API int mdev_host_state_json(
    const mdev_host_state* state, mdev_string** json)
{
    return make(
        json, "json", [&] { return require(state, "state").value.to_json(); });
}

MDEV_API int mdev_host_state_copy(
    const mdev_host_state* state, mdev_host_state** copied)
{
    return copy(state, copied);
}

MDEV_API void mdev_host_state_free(mdev_host_state* state)
{
    delete state;
}
