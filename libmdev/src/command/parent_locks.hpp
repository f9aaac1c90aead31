// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"

#include <mdev/environment.hpp>

#include <set>
#include <string>

namespace mdev {

/// Makes other processes that start devices of a parent wait while this one
/// does. udev may start several for one parent: one module load raises `add`
/// and `change` events of the same name. Without the lock they would try to
/// create the same devices at the same time.
///
/// One parent is locked at a time, and none while nothing is being started: a
/// host may have more parents than a process may open files, and two processes
/// cannot wait for each other.
///
/// The locks are advisory. If a lock cannot be taken (no /run, no permission,
/// timeout), the start of the parent's devices continues without the lock: the
/// kernel creates a device only once, and the process that comes second finds
/// it active.
class ParentLocks {
public:
    explicit ParentLocks(const Environment& env) : env_(env) {}

    /// Locks `parent` instead of the parent that was locked before. Throws
    /// Error: Errc::cancelled; Errc::lock_held if an ancestor of this process
    /// holds the lock, for example the caller of the script that runs this
    /// command.
    void lock(const std::string& parent);
    /// Locks no parent any more.
    void release();

private:
    FileDescriptor open(const std::string& parent);

    const Environment& env_;
    std::string parent_;
    FileDescriptor held_;
    /// Parents whose lock could not be taken once; there is no second attempt.
    std::set<std::string> unlocked_;
};

}
