// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <csignal>
#include <string>
#include <vector>

namespace mdevsim {

/// The signals that this program waits for. They do not interrupt it.
class Signals {
public:
    /// Create this object before any thread: all threads must block these
    /// signals.
    Signals();

    /// Waits for a signal that ends this program, or for end().
    void wait_for_end() const;
    /// Waits for the next signal.
    siginfo_t wait() const;
    /// Returns the signals that were blocked before.
    const sigset_t& old_mask() const { return old_mask_; }

    /// Makes wait_for_end() return. Any thread may call this function.
    static void end();

private:
    sigset_t awaited_{};
    sigset_t old_mask_{};
};

/// Runs the command to its end, and passes signals on to it. Returns the status
/// that a shell would report.
int run_command(std::vector<std::string> words, const Signals& signals);

}
