// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"

#include <mdev/definition.hpp>
#include <mdev/device_spec.hpp>
#include <mdev/error.hpp>
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
    std::error_code code{};
    std::error_code cause{};
    std::optional<Definition> before{};
    std::optional<Definition> after{};

    /// The command has failed, and has changed nothing.
    void fail(std::string sentence)
    {
        is_changed = false;
        after.reset();
        error = std::move(sentence);
    }
    void fail(const Error& failure)
    {
        fail(std::string(failure.what()));
        code = failure.code();
        cause = failure.cause();
        users = failure.users();
    }
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

/// A copy of `error` with the results of the devices that failed.
Error with_outcomes(const Error& error, std::vector<Outcome> outcomes);

/// The parts that are known before the device has been found. The UUID may be
/// nil.
inline OutcomeParts outcome_of(CalloutAction action, const DeviceSpec& spec)
{
    return {.action = action,
        .uuid = spec.uuid().value_or(Uuid()),
        .parent = spec.parent().value_or(""),
        .type_id = spec.type_id().value_or("")};
}

}
