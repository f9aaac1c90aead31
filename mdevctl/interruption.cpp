// SPDX-License-Identifier: LGPL-2.1-or-later
#include "interruption.hpp"

#include <mdev/error.hpp>

#include <cerrno>
#include <csignal>
#include <sys/signalfd.h>

int interruption_descriptor()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // Open to the end: a signal that came stays there for all to see.
    const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC);
    if (descriptor < 0)
        throw mdev::Error(std::error_code(errno, std::system_category()),
            "signalfd", "Cannot watch for signals");
    return descriptor;
}

mdev::Environment interruptible(const mdev::Environment& env)
{
    return env.with_cancel(interruption_descriptor());
}
