// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>

#include <chrono>
#include <vector>

namespace mdev {

/// Lets other processes that start the devices of these parents wait, for
/// `wait` longer than for any lock. Where a lock cannot be had, nothing is
/// locked: two processes then only try to start the same devices.
std::vector<FileDescriptor> lock_parents(const Environment& env,
    const std::vector<Definition>& definitions, std::chrono::milliseconds wait);

}
