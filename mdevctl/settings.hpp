// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <filesystem>

/// Returns the directory that stands for the root directory: MDEVCTL_ENV_ROOT.
std::filesystem::path root_directory();

/// Returns the environment for commands, as the program's environment variables
/// specify it. Ignores an invalid variable with a warning.
mdev::Environment environment();

/// Returns the environment for a command that prints only errors.
mdev::Environment quiet(const mdev::Environment& env);

/// Returns the environment for a command that runs scripts or waits: signals
/// (see interruption_descriptor()) end the script that runs and the wait, but
/// not this process, because a script's `post` must follow its `pre`.
mdev::Environment interruptible(const mdev::Environment& env);
