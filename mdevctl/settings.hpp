// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <filesystem>

/// The directory that all paths are relative to: MDEVCTL_ENV_ROOT, by default
/// the root directory.
std::filesystem::path root_directory();

/// What commands run in, as the environment variables of the program say.
/// Prints a warning for each variable that is invalid, and ignores it.
mdev::Environment environment();

/// Returns a descriptor that is readable once SIGINT, SIGTERM or SIGHUP has
/// come. From here on these signals end nothing by themselves.
int interruption_descriptor();

/// Returns the environment for a command that runs scripts or waits: signals
/// (see interruption_descriptor()) end the script that runs and the wait, but
/// not this process, because a script's `post` must follow its `pre`.
mdev::Environment interruptible(const mdev::Environment& env);
