// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "deadline.hpp"
#include "directory.hpp"
#include "file_descriptor.hpp"

#include <string>

namespace mdev {

/// Takes an exclusive flock(2) on `name` in `directory`, which lasts until the
/// result is closed. Throws Error: Errc::timed_out, which names the holder, or
/// Errc::cancelled.
///
/// The file is created with mode 0600 if it does not exist and is never
/// removed: removing it would let one process lock the old file and another the
/// new one, and creating it raises an inotify event for libvirt, which locking
/// does not.
///
/// flock(2) and not fcntl(2): the lock belongs to the open file and not to the
/// process, so two threads of one process exclude each other as well, and
/// closing another descriptor of the file does not release it.
FileDescriptor lock_file(const Directory& directory, const std::string& name,
    const Deadline& deadline, const Cancellation& cancellation);

}
