// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "callout_lock.hpp"
#include "script_subject.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>

#include <functional>
#include <optional>

namespace mdev {

// The order in which a command calls scripts, as mdevctl-callouts(7) promises:
// `pre`, the command, `post`, the notifiers. `pre` comes before the change and
// the last checks for it, because it may prepare the host. `post` follows every
// `pre` that did not refuse, also if the command throws, because it releases
// what `pre` has taken. Notifiers come last: they see the final state.
//
// The order of locks is callout lock, store lock. The store lock is released
// before `post`, so that `post` and the notifiers may call mdevctl; `pre` and
// `live` may run under it, and their environment says so.

/// Takes the lock under which this thread runs a command's scripts; takes none
/// if there are no scripts.
///
/// A vendor's `pre` may take a lock of the host in the name of its parent
/// process and release it in `post`, as ap-check of s390-tools does. A second
/// `pre` of the same process would get that lock as well, and the first `post`
/// would release it for both. The commands of one process therefore run their
/// scripts one after the other. Every command takes this lock before the store
/// lock. Throws Error: Errc::timed_out, Errc::cancelled.
CalloutLock lock_callouts(const Environment& env, const CalloutEngine& engine);

/// What a command does to a device, as its scripts see it.
struct Operation {
    CalloutAction action;
    ScriptSubject subject;
    /// Whether to continue if `pre` refuses (--force).
    bool is_forced = false;
};

/// Thrown by a command that cannot lock the store soon. `post` runs with state
/// `failure`, and the caller tries again with the store lock taken first; see
/// Manager::Impl::write(). Not an Error: no user ever sees it.
struct StoreBusy {};

/// Runs `pre`, `command`, `post` and the notifiers. If `held` has a store lock,
/// `pre` runs with MDEVCTL_LOCKED_ROOT in its environment, and the lock is
/// released before `post`. Throws Error (Errc::callout_rejected,
/// Errc::cancelled), or what `command` throws.
void run_in_order(const Environment& env, const CalloutEngine& engine,
    const Operation& operation, std::optional<StoreLock>& held,
    const std::function<void()>& command);

/// Runs the notifiers for a command that a script has refused before `pre`.
void notify_failure(const Environment& env, const CalloutEngine& engine,
    const Operation& operation);

/// Changes an active device through its versioned script; then releases the
/// store lock in `held` and runs the notifiers. There is no `pre` and no
/// `post`: the script itself makes the change. Throws Error:
/// Errc::not_supported, Errc::callout_rejected, Errc::cancelled.
void run_live(const Environment& env, const CalloutEngine& engine,
    const ScriptSubject& subject, std::optional<StoreLock>& held);

/// Throws Error (Errc::not_supported) unless the device has a versioned script.
/// Whether the script lists `live` is only known when it is called.
void check_live(const CalloutEngine& engine, const ScriptSubject& subject);

}
