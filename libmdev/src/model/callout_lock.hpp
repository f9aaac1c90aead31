// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "deadline.hpp"
#include "per_process.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace mdev {

/// Lets one thread of this process use a callout script, from before `pre` to
/// after `post`. See CalloutLocks for the reason. Threads are served in the
/// order in which they asked, so that a steady stream of commands cannot starve
/// one.
///
/// Locks of other processes do not matter here: the lock that a vendor's script
/// takes for the host belongs to its parent process, and other processes wait
/// for it inside of the script. A child process after fork(2) begins with free
/// locks.
class CalloutLock {
public:
    /// Waits for the lock of a script. Throws Error: Errc::timed_out;
    /// Errc::cancelled; Errc::lock_held if this thread has the lock, so that it
    /// would wait for itself.
    CalloutLock(const std::filesystem::path& script, const Deadline& deadline,
        const Cancellation& cancellation)
        : CalloutLock(script, {}, deadline, cancellation)
    {
    }
    /// Waits for the lock of one question to a script, which is another lock
    /// than that of the script.
    CalloutLock(std::filesystem::path script, std::string question,
        const Deadline& deadline, const Cancellation& cancellation);
    /// Takes the lock of a script if it is free; never waits.
    static std::optional<CalloutLock> if_free(std::filesystem::path script);
    CalloutLock(CalloutLock&& other) noexcept;
    CalloutLock& operator=(CalloutLock&&) = delete;
    ~CalloutLock();

private:
    struct Queue;
    struct Queues;
    static const PerProcess<Queues>& process_queues();

    explicit CalloutLock(
        std::filesystem::path script, const std::string& question);

    /// The script, and the question or nothing.
    std::pair<std::filesystem::path, std::string> key_;
    Queues* queues_ = nullptr; ///< in which this object holds the lock
};

/// Thrown where a script's lock is not free while the store is locked: waiting
/// would also keep all writers of the store waiting. The caller releases the
/// store, takes the script's lock, and starts again. It is not an Error,
/// because it never reaches a user.
struct ScriptBusy {
    std::filesystem::path script;
};

/// The locks of the scripts that a command uses.
///
/// A vendor's `pre` may take a lock of the host in the name of its parent
/// process and release it in `post`, as ap-check of s390-tools does. A second
/// `pre` of the same process would get that lock as well, and the first `post`
/// would release it for both. So each script serves one command of a process at
/// a time, unless its capabilities say that it need not. A script is locked
/// before it is called, and released at once if it declines.
///
/// A thread that waits here does not hold the store lock. It holds only locks
/// of scripts that it has already called. No two commands wait for each other,
/// because a command does not wait for another script after one has accepted.
class CalloutLocks {
public:
    /// Waits up to `limit` for each lock.
    CalloutLocks(std::chrono::milliseconds limit, Cancellation cancellation)
        : limit_(limit),
          cancellation_(cancellation)
    {
    }

    /// Takes the lock of a script unless this command has it. Throws Error as
    /// CalloutLock does.
    void take(const std::filesystem::path& script);
    /// As take(), but throws ScriptBusy instead of waiting.
    void take_if_free(const std::filesystem::path& script);
    /// Releases the lock of a script if this command has it.
    void release(const std::filesystem::path& script) { held_.erase(script); }
    /// Releases all locks.
    void release() { held_.clear(); }
    /// How long to wait for each lock.
    std::chrono::milliseconds limit() const noexcept { return limit_; }

private:
    std::chrono::milliseconds limit_;
    Cancellation cancellation_;
    std::map<std::filesystem::path, CalloutLock> held_;
};

}
