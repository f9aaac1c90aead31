// SPDX-License-Identifier: LGPL-2.1-or-later
#include "parent_locks.hpp"

#include "environment_impl.hpp"
#include "lock_file.hpp"

#include <mdev/error.hpp>

#include <set>
#include <string>

namespace mdev {

std::vector<FileDescriptor> lock_parents(const Environment& env,
    const std::vector<Definition>& definitions, std::chrono::milliseconds wait)
try {
    std::vector<FileDescriptor> locks;
    const auto run = env.root() / "run";
    // A root directory without /run, such as a test's, is left as it is.
    if (!Directory::at(run))
        return locks;
    // Sorted, so that two processes take the locks in the same order and cannot
    // wait for each other.
    std::set<std::string> parents;
    for (const auto& definition : definitions)
        parents.insert(definition.parent());
    const auto directory = Directory::make(run / "mdevctl");
    for (const auto& parent : parents)
        locks.push_back(lock_file(directory, parent + ".lock",
            Deadline(saturating_sum(env.lock_timeout(), wait)),
            cancellation(env)));
    return locks;
} catch (const Error& error) {
    if (error.code() == Errc::cancelled)
        throw;
    env.log(LogLevel::info, error.what());
    return {};
}

}
