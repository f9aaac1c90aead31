// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command.hpp"

#include <string>

/// What `mdevctl --help` prints.
std::string program_help();

/// What `mdevctl COMMAND --help` prints.
std::string command_help(const Command& command);

/// What `mdevctl help WORD...` prints; throws UsageError if that is not the
/// name of a command.
std::string help(const std::vector<std::string>& words);

/// What `PROGRAM --version` prints.
std::string version_line(const std::string& program);
