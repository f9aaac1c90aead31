// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>

#include <chrono>
#include <vector>

namespace mdev {

/// Makes other processes that start devices of these parents wait, for `wait`
/// in addition to the usual limit. udev may start several for one parent: one
/// module load raises `add` and `change` events of the same name. Without the
/// lock they would try to create the same devices at the same time.
///
/// The locks are advice. If one cannot be had (no /run, no permission,
/// timeout), nothing is locked and the start continues: the kernel creates a
/// device only once, and the process that comes second treats EEXIST as
/// success. Throws Error (Errc::cancelled).
std::vector<FileDescriptor> lock_parents(const Environment& env,
    const std::vector<Definition>& definitions, std::chrono::milliseconds wait);

}
