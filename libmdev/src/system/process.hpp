// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// A program to run: without a shell, in a process group of its own, in the
/// directory `/`, with an empty signal mask, every signal's default action, and
/// no descriptor but 0, 1 and 2.
struct ProcessCall {
    std::filesystem::path program; ///< absolute
    std::vector<std::string> arguments; ///< behind its name
    /// `NAME=VALUE`, which replace or join the variables of this process; a
    /// PATH is added where there is none.
    std::vector<std::string> environment;
    std::string_view input;
    /// Time in which this process itself did not run (stopped, frozen) does not
    /// count.
    std::chrono::milliseconds timeout;
    Cancellation cancellation{}; ///< ends the program
    /// The time that the program still has after a cancellation.
    std::chrono::milliseconds cancel_grace{0};
};

struct ProcessResult {
    enum class End {
        exited, ///< by itself, with status `code`
        killed, ///< by signal `code`, which this library has not sent
        timed_out, ///< the timeout passed, and the program was ended
        cancelled, ///< the caller gave up, and the program was ended
        overdue, ///< the caller's deadline passed, and the program was ended
        not_started, ///< errno `code` says why
        /// Another part of this process took the program's exit status, or the
        /// process ignores SIGCHLD (`code` 1), so that the kernel keeps none.
        unknown,
        /// Not even SIGKILL ended the program within two seconds: process
        /// `code` is stuck in the kernel, and is left to itself.
        stuck,
    };

    End end;
    int code = 0;
    std::string output; ///< stdout, at most 1 MiB
    /// stderr, at most 1 MiB. Of a longer one 512 KiB: its first line and its
    /// end.
    std::string errors;
    bool output_truncated = false; ///< there was more on stdout
    bool errors_truncated = false; ///< there was more on stderr
};

/// Runs a program to its end. The program's own end counts, not that of what
/// it leaves behind with its pipes. When the timeout passes, or the caller
/// gives up, its process group gets SIGTERM and, two seconds later, SIGKILL; so
/// does the program if it has moved to another group.
/// Children are reaped by process number; no signal is caught, ignored or
/// raised. Throws Error if there are too few descriptors; then nothing was
/// started. Any thread may call it.
ProcessResult run_process(const ProcessCall& call);

}
