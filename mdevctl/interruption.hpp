// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <climits>
#include <cstddef>

/// Blocks SIGINT, SIGTERM and SIGHUP from now on, and returns a descriptor that
/// becomes readable when one of them comes: a command that has run `pre` must
/// not end before `post`. Each call returns the same descriptor.
int interruption_descriptor();

/// Waits until `fd` can be written to. Returns false, with errno, if that
/// cannot be waited for; with ECANCELED, if a signal comes that
/// interruption_descriptor() has blocked.
bool wait_until_writable(int fd);

/// How much can be written at once to a pipe after wait_until_writable()
/// without being blocked again.
constexpr std::size_t writable_piece = PIPE_BUF;

/// Whether interruption_descriptor() was called.
bool are_signals_blocked();
