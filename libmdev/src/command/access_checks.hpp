// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>

namespace mdev {

// What a dry run asks in place of the change: whether the kernel would refuse
// this process the access. Each function throws Error with the kernel's reason,
// and lets everything else pass, such as a file that does not exist yet.

/// For changes of definitions.
void check_store_access(const Environment& env);
/// For the start of a device.
void check_start_access(const Definition& definition, const Environment& env);
/// For the stop of a device.
void check_stop_access(const Uuid& uuid, const Environment& env);

}
