// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "turn.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>
#include <mdev/manager.hpp>

#include <functional>
#include <optional>

namespace mdev {

/// The turn to run a command's scripts, without them nothing.
///
/// A vendor's `pre` may take a lock of the whole host in the name of its parent
/// process, and free it in `post`: ap-check of s390-tools does. In one process
/// commands therefore run their scripts one after the other. Taken before the
/// store's lock, by everybody. Throws Error: Errc::timed_out, Errc::cancelled.
Turn take_turn(const Environment& env, const CalloutEngine& engine);

/// What is done to a device, for its scripts.
struct Deed {
    CalloutAction action;
    Definition definition;
    Force force;
};

/// What a command throws that cannot have the store's lock soon: `post` is
/// called, and it is tried again in another order.
struct StoreBusy {};

/// `pre`, the command, `post`, notifiers: who refuses, refuses before; `post`
/// follows every `pre` that did not refuse, whatever the command throws. A lock
/// in `held` is known to `pre` and let go before `post`. Throws Error
/// (Errc::callout_rejected, Errc::cancelled), or what `command` throws.
void run_in_order(const Environment& env, const CalloutEngine& engine,
    const Deed& deed, std::optional<StoreLock>& held,
    const std::function<void()>& command);

/// Changes an active device through its versioned script; then, with the lock
/// in `held` let go, the notifiers. Throws Error: Errc::not_supported,
/// Errc::callout_rejected.
void run_live(const Environment& env, const CalloutEngine& engine,
    const Definition& definition, std::optional<StoreLock>& held);

/// Throws Error (Errc::not_supported) unless there is a script that may do so.
void check_live(const CalloutEngine& engine, const Definition& definition);

}
