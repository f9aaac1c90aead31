// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace mdev {

/// How much a log message matters, the worst first.
enum class LogLevel {
    error, ///< a part of a command has failed
    warning, ///< something is wrong and was left out or ignored
    info, ///< background that may explain a result
    debug, ///< each step
    trace, ///< currently unused
};

/// Receives the library's messages: one sentence each, without a final newline.
/// The function may be called from any thread that calls the library, and from
/// the library's own threads during such a call. It must not throw and must not
/// call the library.
using LogFunction = std::function<void(LogLevel, std::string_view)>;

/// The settings of the library: the root directory, to which every path is
/// relative, the log function, the time limits and the cancel descriptor.
///
/// Immutable: each `with_…` function returns a changed copy. Copies are cheap
/// and share their contents; any thread may use any of them.
class Environment {
public:
    /// The real system: root `/`, no log, the default time limits.
    Environment();
    /// A system below the directory `root`, for tests.
    explicit Environment(std::filesystem::path root);

    /// Returns a copy with another root directory.
    Environment with_root(std::filesystem::path root) const;
    /// Returns a copy whose definitions are in `directory`, whatever the root
    /// is. For example, a container may have them in another place.
    Environment with_config_directory(std::filesystem::path directory) const;
    /// Returns a copy whose scripts are in the subdirectories `callouts` and
    /// `notifiers` of these directories, in this search order, whatever the
    /// root is. Without directories there are no scripts.
    Environment with_script_directories(
        std::vector<std::filesystem::path> directories) const;
    /// Returns a copy that passes messages to `log`; an empty function discards
    /// them.
    Environment with_log(LogFunction log) const;
    /// Returns a copy that waits up to `limit` for the store lock. The default
    /// is 60 s. Zero does not wait.
    Environment with_lock_timeout(std::chrono::milliseconds limit) const;

    /// Returns a copy with another time limit for each callout script and
    /// notifier. The default is 60 s.
    Environment with_script_timeout(std::chrono::milliseconds limit) const;
    /// Returns a copy that waits up to `limit` for a callout script that is
    /// serving another command of this process. The default is 10 min. Zero
    /// does not wait.
    Environment with_callout_lock_timeout(
        std::chrono::milliseconds limit) const;
    /// Returns a copy whose commands can be cancelled. When `descriptor`
    /// becomes readable, scripts are ended. A command throws Error
    /// (Errc::cancelled) if it waits for the store lock, other commands, a
    /// parent or a pipe. Only `post` and the notifiers still run, up to two
    /// seconds each. Use an eventfd or a signalfd, for example. The caller owns
    /// the descriptor and must keep it open. -1 means none.
    Environment with_cancel(int descriptor) const;
    /// Returns a copy whose commands end at `deadline` as if they were
    /// cancelled, but throw Error (Errc::timed_out). Use a deadline for a
    /// request that must be answered in time, whatever the other limits are.
    /// time_point::max() means none.
    Environment with_deadline(
        std::chrono::steady_clock::time_point deadline) const;
    /// Returns a copy for a program that was started by a script whose caller
    /// may hold the store lock. If an ancestor of this process holds the lock,
    /// a wait would never end. Taking the lock then throws Error
    /// (Errc::lock_held) at once. The script finds the root directory of the
    /// locked store in the environment variable `MDEVCTL_LOCKED_ROOT`.
    /// Background processes of the script keep the variable after the lock has
    /// been released.
    Environment with_lock_held() const;

    /// Passes one sentence to the log function.
    void log(LogLevel level, std::string_view message) const;

    /// The root directory.
    const std::filesystem::path& root() const noexcept;
    /// `ROOT/sys/class/mdev_bus`: the parent devices.
    std::filesystem::path parents_directory() const;
    /// `ROOT/sys/bus/mdev/devices`: the active devices.
    std::filesystem::path devices_directory() const;
    /// `ROOT/etc/mdevctl.d`, or the directory of with_config_directory(): the
    /// definitions.
    std::filesystem::path definitions_directory() const;
    /// The directories of callout scripts, in search order:
    /// `ROOT/usr/lib/mdevctl/scripts.d/callouts` (unless the library was
    /// configured with another one), then the deprecated `scripts.d/callouts`
    /// in definitions_directory(); or the directories of
    /// with_script_directories().
    std::vector<std::filesystem::path> callout_directories() const;
    /// The directories of notifiers, in search order.
    std::vector<std::filesystem::path> notifier_directories() const;
    /// The longest time to wait for the store lock.
    std::chrono::milliseconds lock_timeout() const noexcept;
    /// The longest time that a script may run.
    std::chrono::milliseconds script_timeout() const noexcept;
    /// The longest time to wait for a script that is serving another command.
    std::chrono::milliseconds callout_lock_timeout() const noexcept;

private:
    friend struct Access;
    struct Impl;
    explicit Environment(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
