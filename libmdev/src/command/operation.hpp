// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "callout_lock.hpp"
#include "script_subject.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>

#include <functional>
#include <optional>

namespace mdev {

// The order in which a command calls scripts; see mdevctl-callouts(7): `pre`,
// the command, `post`, the notifiers. `pre` comes before the change and the
// last checks for it, because it may prepare the host. `post` follows every
// `pre` that did not refuse, even if the command throws, because it releases
// what `pre` has taken. Notifiers come last: they see the final state.
//
// A script that serves is locked from before `pre` to after `post`; see
// CalloutLocks. The order of locks is script, store: with the store locked, a
// command does not wait for a script (ScriptBusy). The store lock is released
// before `post`, so that `post` and the notifiers may call mdevctl; `pre` and
// `live` may run under it, and their environment says so.

/// The operation of a command on a device, for its scripts.
struct Operation {
    CalloutAction action;
    ScriptSubject subject;
    /// Whether to continue if `pre` refuses (--force).
    bool is_forced = false;
};

/// Thrown by a command that cannot lock the store soon. `post` runs with state
/// `failure`, and the caller tries again with the store lock taken first; see
/// Manager::Impl::write(). It is not an Error, because it never reaches a user.
struct StoreBusy {};

/// What a command has locked.
struct HeldLocks {
    CalloutLocks scripts;
    std::optional<StoreLock> store{};
};

/// Runs `pre`, `command`, `post` and the notifiers. If the store is locked,
/// `pre` runs with MDEVCTL_LOCKED_ROOT in its environment, and the store is
/// released before `post`. The scripts are released after `post`, unless
/// `command` threw StoreBusy. Throws Error (Errc::callout_rejected,
/// Errc::cancelled, Errc::timed_out), what `command` throws, or ScriptBusy,
/// before any script has accepted.
void run_in_order(const Environment& env, const CalloutEngine& engine,
    const Operation& operation, HeldLocks& held,
    const std::function<void()>& command);

/// Runs the notifiers for a command that a script has refused before `pre`.
void notify_failure(const Environment& env, const CalloutEngine& engine,
    const Operation& operation);

/// Changes an active device through its versioned script; then releases all
/// locks and runs the notifiers. There is no `pre` and no `post`: the script
/// itself makes the change. Throws Error: Errc::not_supported,
/// Errc::callout_rejected, Errc::cancelled, Errc::timed_out; or ScriptBusy,
/// before the script is called.
void run_live(const Environment& env, const CalloutEngine& engine,
    const ScriptSubject& subject, HeldLocks& held);

/// Throws Error (Errc::not_supported) unless the device has a versioned script.
/// Whether the script lists `live` is only known when it is called.
void check_live(const CalloutEngine& engine, const ScriptSubject& subject);

}
