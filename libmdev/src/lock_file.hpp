// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"
#include "file_descriptor.hpp"

#include <chrono>
#include <string>

namespace mdev {

/// Holds an exclusive lock on `name` in `directory` until it is closed. The
/// file is made, for root alone, if it is not there, and never removed. Throws
/// Error: Errc::timed_out naming the holder, or Errc::cancelled when `cancel`
/// becomes readable.
FileDescriptor lock_file(const Directory& directory, const std::string& name,
    std::chrono::milliseconds limit, int cancel);

/// Whether `cancel` becomes readable before the time is over.
bool is_cancelled_within(std::chrono::milliseconds time, int cancel);

}
