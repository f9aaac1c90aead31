// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <csignal>

namespace mdev {

/// Blocks every signal of this thread while it lives, and so of the processes
/// and threads that it begins: a signal of the program is for a thread of the
/// program.
class SignalsBlocked {
public:
    SignalsBlocked() noexcept
    {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

}
