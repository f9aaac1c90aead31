// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/environment.hpp>
#include <mdev/error.hpp>
#include <mdev/mdev_type.hpp>

#include <optional>

namespace mdev {

// The kernel refuses a device with a bare errno. Everything that would make it
// refuse is therefore looked for first, and told in words.

/// The type that the device is made of. Throws Error (Errc::no_such_parent,
/// Errc::no_such_type) that names the alternatives.
MdevType require_type(const Definition& definition, const Environment& env);

/// The same, but also throws Error if `active`, the device of that UUID, exists
/// (Errc::already_active) or the type has no available instance
/// (Errc::no_instance_left).
MdevType check_can_start(const Definition& definition,
    const std::optional<Device>& active, const Environment& env);

/// Whether the parent or the type does not exist yet: a start can only fail.
bool is_not_possible_yet(const Definition& definition, const Environment& env);

/// Whether a start that failed in this way may succeed later: the parent or the
/// type may still appear, and a driver may be busy.
bool is_transient(const Error& error);

}
