// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>
#include <mdev/mdev_type.hpp>

namespace mdev {

/// The type to make a device of; throws Error that says what there is instead.
MdevType offered_type(const Definition& definition, const Environment& env);

/// Asks everything that would make the kernel refuse a device, because the
/// kernel's own answer is a bare errno. Returns the type to make it of; throws
/// Error that says what is in the way.
MdevType check_startable(const Definition& definition, const Environment& env);

}
