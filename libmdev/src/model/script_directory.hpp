// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <mdev/environment.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

// Which files in the script directories are scripts. A file that is none is
// ignored with a message on level debug: packages leave old versions beside new
// ones, and running both would ask each question twice.

/// Returns the reason why a file is not a script; empty if it is a script.
std::string_view why_no_script(
    const Directory& directory, const std::string& name);

/// Makes a path absolute, because scripts run in `/` and not in the caller's
/// directory. Throws Error.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// Lists the scripts of the directories, in the order of the directories and,
/// in each, of the names bytewise. The order decides which script is asked
/// first.
std::vector<std::filesystem::path> list_scripts(
    const std::vector<std::filesystem::path>& directories,
    const Environment& env);

}
