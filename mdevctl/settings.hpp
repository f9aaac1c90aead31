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
