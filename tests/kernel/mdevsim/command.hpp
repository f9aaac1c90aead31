// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <csignal>
#include <string>
#include <vector>

namespace mdevsim {

/// The signals that this program waits for instead of being interrupted.
class Signals {
public:
    /// To be made before any thread is: all are to leave them to this one.
    Signals();

    /// Until somebody wants this program to end.
    void wait_for_end() const;
    /// The next one.
    siginfo_t wait() const;
    /// The signals that were blocked before.
    const sigset_t& old_mask() const { return old_mask_; }

    /// Lets wait_for_end() return; for any thread.
    static void end();

private:
    sigset_t awaited_{};
    sigset_t old_mask_{};
};

/// Runs it to its end; signals for us are for it. Answers the status that a
/// shell would give it.
int run_command(std::vector<std::string> words, const Signals& signals);

}
