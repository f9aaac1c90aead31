// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

/// The environment for a command that changes something. From here on Ctrl-C,
/// SIGTERM and a hang-up end the script that runs and the wait for a lock, but
/// not this process: a script's `post` must follow its `pre`.
mdev::Environment interruptible(const mdev::Environment& env);

/// The same for a command that waits by itself: readable once there was one of
/// these signals, which from here on end nothing by themselves.
int interruption_descriptor();
