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
    warning, ///< something is wrong, and was left out or passed over
    info, ///< what may explain a later question
    debug, ///< each step that is taken
    trace, ///< nothing is said on this level yet
};

/// Takes the library's messages: one sentence each, no final newline. It may
/// be called from any thread that calls the library, and from the library's
/// own threads while such a call runs; it must not throw, nor call the library.
using LogFunction = std::function<void(LogLevel, std::string_view)>;

/// Where the system hangs: one root directory from which every path follows,
/// who hears messages, and how long things may take.
///
/// Immutable: each `with_…` returns a changed copy. Copies are cheap and share
/// their contents; any thread may use any of them.
class Environment {
public:
    /// The real system: root `/`, no log, the default time limits.
    Environment();
    /// A system below `root`, which is what tests use.
    explicit Environment(std::filesystem::path root);

    /// The same for a system below another root.
    Environment with_root(std::filesystem::path root) const;
    /// The same with `log` as the listener; an empty function hears nothing.
    Environment with_log(LogFunction log) const;
    /// The same with another bound on waiting for the store's lock (the
    /// default is 60 s). Zero does not wait at all.
    Environment with_lock_timeout(std::chrono::milliseconds limit) const;

    /// The same with another time limit for each callout or notifier script
    /// (the default is 60 s).
    Environment with_script_timeout(std::chrono::milliseconds limit) const;
    /// The same with another bound on waiting until other commands of this
    /// process have run their scripts (the default is 10 min). Zero does not
    /// wait at all.
    Environment with_callout_lock_timeout(
        std::chrono::milliseconds limit) const;
    /// The same with a way to give up: when `descriptor` becomes readable,
    /// scripts are ended and all waiting stops, for the store's lock, for
    /// other commands or for a parent that is late, and the command throws
    /// Error (Errc::cancelled). An eventfd or a signalfd will do; it stays the
    /// caller's, who keeps it open. -1 means none.
    Environment with_cancel(int descriptor) const;
    /// The same for a program that a script has started whose caller holds the
    /// store's lock: to wait for it would be to wait for oneself, so asking for
    /// the lock throws Error (Errc::lock_held) at once. The script finds the
    /// root of that store in its environment, as `MDEVCTL_LOCKED_ROOT`.
    Environment with_lock_held() const;

    /// Says one sentence to the listener, as the library itself does.
    void log(LogLevel level, std::string_view message) const;

    /// The directory from which every path follows.
    const std::filesystem::path& root() const noexcept;
    /// `ROOT/sys/class/mdev_bus`: the parent devices.
    std::filesystem::path parents_directory() const;
    /// `ROOT/sys/bus/mdev/devices`: the active devices.
    std::filesystem::path devices_directory() const;
    /// `ROOT/etc/mdevctl.d`: the definitions.
    std::filesystem::path definitions_directory() const;
    /// Where callout scripts are, in the order in which they are asked:
    /// `ROOT/usr/lib/mdevctl/scripts.d/callouts` (the library's packager may
    /// have chosen another one), then the deprecated
    /// `ROOT/etc/mdevctl.d/scripts.d/callouts`.
    std::vector<std::filesystem::path> callout_directories() const;
    /// The same for notifiers.
    std::vector<std::filesystem::path> notifier_directories() const;
    /// How long to wait for the store's lock.
    std::chrono::milliseconds lock_timeout() const noexcept;
    /// How long a script may run.
    std::chrono::milliseconds script_timeout() const noexcept;
    /// How long to wait for other commands of this process.
    std::chrono::milliseconds callout_lock_timeout() const noexcept;

private:
    friend struct Access;
    struct Impl;
    explicit Environment(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
