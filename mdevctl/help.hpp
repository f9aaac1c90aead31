// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command.hpp"

#include <string>

/// What `mdevctl --help` prints.
std::string program_help();

/// What `mdevctl COMMAND --help` prints.
std::string command_help(const Command& command);

/// `Usage: …`, one line without its end.
std::string usage(const Command& command);
