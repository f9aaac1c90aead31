// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "deadline.hpp"
#include "directory.hpp"
#include "file_descriptor.hpp"

#include <functional>
#include <string>

namespace mdev {

/// Which processes may hold a lock that this process waits for.
enum class LockHolder {
    anybody, ///< who will release it
    /// Perhaps a process that waits for this one: if /proc shows that, the lock
    /// is refused.
    seen_ancestor,
    /// Like seen_ancestor, and the lock is refused as well if /proc does not
    /// show the holder, and the holder still has the lock some 30 ms later.
    ancestor,
};

/// Called if the lock has to be waited for, with a sentence that names the
/// holder; and once more when the wait is over.
using LockNotice = std::function<void(const std::string& sentence)>;

struct LockedFile {
    FileDescriptor descriptor;
    FileId id;
};

/// Takes an exclusive flock(2) on `name` in `directory`, which lasts until the
/// result is closed. Throws Error: Errc::timed_out, which names the holder;
/// Errc::cancelled; Errc::lock_held if the holder is an ancestor of this
/// process, see LockHolder.
///
/// The file is created with mode 0600 if it does not exist and is never
/// removed: creating it raises an inotify event for libvirt, which locking does
/// not. If another process removes it, the waiting processes lock the file that
/// then has the name; is_name_of() tells the holder of the old file that the
/// name is lost. A file of a user other than root and the caller is refused.
///
/// flock(2) and not fcntl(2): the lock belongs to the open file and not to the
/// process, so two threads of one process exclude each other as well, and
/// closing another descriptor of the file does not release it.
LockedFile lock_file(const Directory& directory, const std::string& name,
    const Deadline& deadline, const Cancellation& cancellation,
    LockHolder possible = LockHolder::anybody, const LockNotice& notice = {});

/// Throws Error if the file exists and lock_file() would refuse it. Changes
/// nothing.
void check_lock_file(const Directory& directory, const std::string& name);

/// Whether `name` in `directory` is the file. If it is not any more, other
/// processes can lock the new one. Throws Error.
bool is_name_of(
    const FileId& file, const Directory& directory, const std::string& name);
bool is_name_of(const FileDescriptor& file, const Directory& directory,
    const std::string& name);

}
