// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "deadline.hpp"
#include "directory.hpp"
#include "file_descriptor.hpp"

#include <string>

namespace mdev {

/// Holds an exclusive lock on `name` in `directory` until it is closed. The
/// file is made, for root alone, if it does not exist, and never removed.
/// Throws Error: Errc::timed_out naming the holder, or Errc::cancelled.
FileDescriptor lock_file(const Directory& directory, const std::string& name,
    const Deadline& deadline, const Cancellation& cancellation);

}
