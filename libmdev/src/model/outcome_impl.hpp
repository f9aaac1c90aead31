// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"

#include <mdev/definition.hpp>
#include <mdev/device_spec.hpp>
#include <mdev/outcome.hpp>

namespace mdev {

struct Outcome::Impl {
    CalloutAction action{};
    Uuid uuid{};
    std::string parent{};
    std::string type_id{};
    bool is_changed = true;
    std::vector<std::string> differences{};
    std::string error{};
    std::vector<DeviceUser> users{};
};

/// The members of an Outcome that is still being filled in.
using OutcomeParts = Access::Impl<Outcome>;

inline OutcomeParts outcome_of(
    CalloutAction action, const Definition& definition)
{
    return {.action = action,
        .uuid = definition.uuid(),
        .parent = definition.parent(),
        .type_id = definition.type_id()};
}

/// What is known before the device has been found. The UUID may be nil.
inline OutcomeParts outcome_of(CalloutAction action, const DeviceSpec& spec)
{
    return {.action = action,
        .uuid = spec.uuid().value_or(Uuid()),
        .parent = spec.parent().value_or(""),
        .type_id = spec.type_id().value_or("")};
}

}
