// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/environment.hpp>
#include <mdev/error.hpp>
#include <mdev/mdev_type.hpp>

#include <optional>

namespace mdev {

// The kernel refuses to create a device with a bare errno: EINVAL says neither
// which name is wrong nor what would be right. Every reason that can be seen
// beforehand is therefore checked here, and the message names the alternatives.
// The checks are no guarantee (another process may take the last instance), so
// the kernel's errors are explained as well; see MdevType::create().

/// Returns the type of the device; see KernelInterface::type_to_create().
/// Throws Error: Errc::no_such_parent or Errc::no_such_type, with the
/// alternatives.
MdevType require_type(const Definition& definition, const Environment& env);

/// Returns the type of the device. Throws Error as require_type() does, and if
/// `active`, the device of that UUID, exists (Errc::already_active) or the type
/// has no available instance (Errc::no_instance_left). The order is that of
/// mdevctl 1.x: programs look for the words "Device already exists".
MdevType check_can_start(const Definition& definition,
    const std::optional<Device>& active, const Environment& env);

/// Whether the parent or the type does not exist yet, so that a start can only
/// fail.
bool is_not_possible_yet(const Definition& definition, const Environment& env);

/// Whether a start that failed with this error may succeed later: the parent or
/// type may still appear, and a driver may be busy (EAGAIN, EBUSY) or about to
/// register again (ENODEV). A full parent is not transient: an
/// instance may never be freed.
bool is_transient(const Error& error);

/// Warns in the log of a parent or type that does not exist now, with a similar
/// name. This is not an error, because both may appear later.
void warn_of_unknown_names(
    const Definition& definition, const Environment& env);

}
