// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"
#include "file_descriptor.hpp"

#include <chrono>

namespace mdev {

/// Locks `.lock` in the directory of definitions, which is made if it is not
/// there and never removed. Throws Error: Errc::timed_out naming the holder,
/// or Errc::cancelled when `cancel` becomes readable.
FileDescriptor lock_store(
    const Directory& directory, std::chrono::milliseconds limit, int cancel);

}
