// SPDX-License-Identifier: LGPL-2.1-or-later
#include "parent_locks.hpp"

#include "environment_impl.hpp"
#include "lock_file.hpp"

#include <mdev/error.hpp>

namespace mdev {

void ParentLocks::lock(const std::string& parent)
{
    if (parent == parent_)
        return;
    release();
    parent_ = parent;
    if (!unlocked_.contains(parent))
        held_ = open(parent);
}

void ParentLocks::release()
{
    held_ = FileDescriptor();
    parent_.clear();
}

FileDescriptor ParentLocks::open(const std::string& parent)
try {
    const auto run = env_.root() / "run";
    // A root directory without /run, for example of a test, is left unchanged.
    if (!Directory::at(run))
        return {};
    return lock_file(Directory::make(run / "mdevctl"), parent + ".lock",
        Deadline(env_.lock_timeout()), cancellation(env_),
        LockHolder::seen_ancestor,
        [this](const auto& wait) { env_.log(LogLevel::info, wait); })
        .descriptor;
} catch (const Error& error) {
    // An ancestor starts devices of this parent, and its script runs this
    // command: this command must not start the same devices at the same time.
    if (is_end_of_command(env_, error) || error.code() == Errc::lock_held)
        throw;
    env_.log(LogLevel::info, error.what());
    unlocked_.insert(parent);
    return {};
}

}
