// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/environment.hpp>

#include <optional>

namespace mdev {

/// Creates the device of a definition and writes its attributes. If an
/// attribute is refused, the device is removed again: a device with half of its
/// attributes would look started. A device that a killed command has left
/// without all its attributes is removed and created again. `found` is the
/// active device of the UUID. Throws Error: what check_can_start() throws, or
/// the kernel's error.
void create_device(const Environment& env, const Definition& definition,
    const std::optional<Device>& found);

}
