// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command.hpp"

#include <string>

/// Returns what `mdevctl --help` prints.
std::string program_help();

/// Returns what `mdevctl COMMAND --help` prints.
std::string command_help(const Command& command);

/// Returns what `mdevctl help WORD...` prints; throws UsageError if that is not
/// the name of a command.
std::string help(const std::vector<std::string>& words);

/// Returns what `PROGRAM --version` prints.
std::string version_line(const std::string& program);
