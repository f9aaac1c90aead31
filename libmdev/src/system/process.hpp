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
/// directory `/`, with the default signal mask and no descriptor but 0, 1, 2.
struct ProcessCall {
    std::filesystem::path program; ///< absolute
    std::vector<std::string> arguments; ///< behind its name
    /// `NAME=VALUE`, besides what this process has itself; a PATH is added
    /// where there is none.
    std::vector<std::string> environment;
    std::string_view input;
    std::chrono::milliseconds timeout;
    Cancellation cancellation{}; ///< ends the program
};

struct ProcessResult {
    /// `unknown`: this process ignores SIGCHLD, so that the kernel forgets how
    /// its children end.
    enum class End {
        exited,
        killed,
        timed_out,
        cancelled,
        not_started,
        unknown
    };

    End end;
    int code = 0; ///< the exit status, the signal, or the errno
    std::string output; ///< stdout, at most 1 MiB
    std::string errors; ///< stderr, at most 1 MiB
    bool output_truncated = false; ///< there was more on stdout
};

/// Runs a program to its end. Its own end counts, not that of what it leaves
/// behind with its pipes. When the limit passes its whole group gets SIGTERM
/// and, two seconds later, SIGKILL. Children are reaped by pid; no signal is
/// caught, ignored or raised. Any thread may call it.
ProcessResult run_process(const ProcessCall& call);

}
