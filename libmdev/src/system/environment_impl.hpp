// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
#include "cancellation.hpp"
#include "sysfs.hpp"

#include <mdev/environment.hpp>
#include <mdev/error.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace mdev {

/// The settings of an Environment. Every `with_…` copies them; the Environment
/// of a running command therefore never changes.
struct Environment::Impl {
    std::filesystem::path root;
    /// Empty if it follows from the root.
    std::filesystem::path config_directory{};
    /// Nothing if they follow from the root.
    std::optional<std::vector<std::filesystem::path>> script_directories{};
    LogFunction log;
    std::chrono::milliseconds lock_timeout = std::chrono::seconds(60);
    std::chrono::milliseconds script_timeout = std::chrono::seconds(60);
    /// Longer than the others: a command waits here for other commands of the
    /// process, each of which may itself wait for a store lock and for scripts.
    std::chrono::milliseconds callout_lock_timeout = std::chrono::minutes(10);
    int cancel = -1;
    Deadline deadline = Deadline::never();
    bool lock_held = false;
    /// Shared by all copies. Unit tests put a fake kernel here.
    std::shared_ptr<const Sysfs> sysfs;
};

/// Writes an attribute of sysfs, and logs the write on level debug.
inline void write_attribute(const Environment& env, const Directory& directory,
    const std::string& name, std::string_view value)
{
    env.log(LogLevel::debug,
        "Writing '" + std::string(value) + "' to " +
            (directory.path() / name).string());
    Access::impl(env).sysfs->write(directory, name, value);
}

/// Writes an attribute through another process; see Sysfs::write_apart().
inline bool write_apart(const Environment& env, const Directory& directory,
    const std::string& name, std::string_view value,
    const std::function<bool(int)>& wait)
{
    env.log(LogLevel::debug,
        "Writing '" + std::string(value) + "' to " +
            (directory.path() / name).string());
    return Access::impl(env).sysfs->write_apart(directory, name, value, wait);
}

/// The caller's ways to end a command, made on each call: the Environment only
/// keeps the number of a descriptor that it does not own.
inline Cancellation cancellation(const Environment& env)
{
    const auto& impl = Access::impl(env);
    return Cancellation(impl.cancel, impl.deadline);
}

/// Whether this program was started by a script whose caller may hold the store
/// lock. The caller waits for the script and the script for this program, so
/// waiting for the lock could only end by a timeout; ConfigStore::lock()
/// refuses at once.
///
/// The library marks the environment of a script that runs under the lock with
/// MDEVCTL_LOCKED_ROOT, see under_lock(). The program compares that path with
/// its own root and calls Environment::with_lock_held(). Background processes
/// of the script inherit the variable and keep it after the lock has been
/// released. The variable is therefore only a reason to look for the holder of
/// the lock. Commands that only read take no lock and work in every script.
inline bool may_be_locked_by_caller(const Environment& env)
{
    return Access::impl(env).lock_held;
}

/// Whether an Error says that the caller has ended the command: it was
/// cancelled, or its deadline has passed.
inline bool is_end_of_command(const Environment& env, const Error& error)
{
    return error.code() == Errc::cancelled ||
        (error.code() == Errc::timed_out && cancellation(env).is_overdue());
}

/// Runs one step of several and returns true, or false if it has failed: the
/// Error is logged on `level`, and the caller continues. A cancellation ends
/// the whole command and is thrown.
template <class Step>
bool attempt(const Environment& env, LogLevel level, Step step)
try {
    step();
    return true;
} catch (const Error& error) {
    if (is_end_of_command(env, error))
        throw;
    env.log(level, error.what());
    return false;
}

/// attempt() that also adds the Error to `errors`.
template <class Step>
bool attempt(const Environment& env, LogLevel level, std::vector<Error>& errors,
    Step step)
{
    return attempt(env, level, [&] {
        try {
            step();
        } catch (const Error& error) {
            errors.push_back(error);
            throw;
        }
    });
}

/// Returns a copy of `env` whose attribute writes go to `sysfs`.
inline Environment with_sysfs(
    const Environment& env, std::shared_ptr<const Sysfs> sysfs)
{
    auto changed = Access::impl(env);
    changed.sysfs = std::move(sysfs);
    return Access::make<Environment>(std::move(changed));
}

}
