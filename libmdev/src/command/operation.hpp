// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "callout_lock.hpp"
#include "script_subject.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>

#include <functional>
#include <optional>

namespace mdev {

/// The lock that lets this thread run a command's scripts; nothing is locked
/// where there are none.
///
/// A vendor's `pre` may take a lock of the whole host in the name of its parent
/// process, and free that lock in `post`, as ap-check of s390-tools does. So
/// the commands of one process run their scripts one after the other. Every
/// command takes this lock before the store's. Throws Error: Errc::timed_out,
/// Errc::cancelled.
CalloutLock lock_callouts(const Environment& env, const CalloutEngine& engine);

/// What a command does to a device, as the device's scripts are told.
struct Operation {
    CalloutAction action;
    ScriptSubject subject;
    /// Whether to go on although `pre` has refused.
    bool is_forced = false;
};

/// Thrown by a command that cannot lock the store soon: `post` is called, and
/// the command is tried again in another order.
struct StoreBusy {};

/// Runs `pre`, the command, `post` and the notifiers, in this order. `post`
/// follows every `pre` that did not refuse, whatever the command throws. A
/// store lock in `held` is known to `pre` and released before `post`. Throws
/// Error (Errc::callout_rejected, Errc::cancelled), or what `command` throws.
void run_in_order(const Environment& env, const CalloutEngine& engine,
    const Operation& operation, std::optional<StoreLock>& held,
    const std::function<void()>& command);

/// Runs the notifiers for a command that a script has refused before `pre`.
void notify_failure(const Environment& env, const CalloutEngine& engine,
    const Operation& operation);

/// Changes an active device through its versioned script; then releases the
/// store lock in `held` and runs the notifiers. Throws Error:
/// Errc::not_supported, Errc::callout_rejected, Errc::cancelled.
void run_live(const Environment& env, const CalloutEngine& engine,
    const ScriptSubject& subject, std::optional<StoreLock>& held);

/// Throws Error (Errc::not_supported) unless a script may change the device.
void check_live(const CalloutEngine& engine, const ScriptSubject& subject);

}
