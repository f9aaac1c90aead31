// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

/// Executes `lsmdev` with these words; returns the exit status. Throws
/// UsageError, Error.
int run_lsmdev(const std::vector<std::string>& words);

/// Executes `mdevctl` with these words, in the same way.
int run_mdevctl(std::vector<std::string> words);
