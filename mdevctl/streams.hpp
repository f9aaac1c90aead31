// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <string_view>

/// Makes sure that file descriptors 0 to 2 are in use: otherwise the next file
/// that is opened would become a standard stream, and messages would be
/// written into a definition or to a device.
void occupy_streams();

/// Writes all of the text; false, with errno, if that fails. A pipe that nobody
/// reads is an error (EPIPE), not a signal.
bool write_all(int fd, std::string_view text);

/// Prints one line on stderr: `LABEL: TEXT`, its control characters escaped.
void print_message(std::string_view label, std::string_view text);

/// Returns a function that prints the library's messages, down to `level`.
mdev::LogFunction log_to_stderr(mdev::LogLevel level);
