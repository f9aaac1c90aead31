// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

/// Runs this program again, with these words, in a transient unit that forbids
/// what mdevctl-start-parent@.service forbids on this host, and replaces this
/// process by it: returns only by mdev::Error.
[[noreturn]] void run_as_unit(const std::vector<std::string>& words);
