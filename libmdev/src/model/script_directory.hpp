// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <mdev/environment.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// Empty if the file is a script, else what keeps it from being one.
std::string_view why_no_script(
    const Directory& directory, const std::string& name);

/// Scripts run in another directory than the caller's, and are called by such
/// a path. Throws Error.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// The executable files of the directories, each sorted bytewise, without what
/// editors and package managers leave behind.
std::vector<std::filesystem::path> list_scripts(
    const std::vector<std::filesystem::path>& directories,
    const Environment& env);

}
