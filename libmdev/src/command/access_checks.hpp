// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

namespace mdev {

/// For dry runs: whether the kernel would let this process change definitions.
/// Throws Error with the kernel's reason. For devices, see
/// KernelInterface::check_create() and check_remove().
void check_store_access(const Environment& env);

}
