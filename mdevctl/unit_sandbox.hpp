// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// Runs this program again, with these words, in a transient unit that forbids
/// what mdevctl-start-parent@.service forbids, and replaces this process by it:
/// returns only by mdev::Error. `root` is the directory that stands for `/`.
[[noreturn]] void run_as_unit(
    const std::filesystem::path& root, const std::vector<std::string>& words);
