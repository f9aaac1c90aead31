// SPDX-License-Identifier: LGPL-2.1-or-later
#include "interruption.hpp"

#include <mdev/error.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>

namespace {

// The mask of signals belongs to the process; so does this.
int descriptor = -1;

}

int interruption_descriptor()
{
    if (descriptor >= 0)
        return descriptor;
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // Never read and never closed: once a signal has come, it stays readable.
    descriptor = signalfd(-1, &signals, SFD_CLOEXEC);
    if (descriptor < 0)
        throw mdev::Error(std::error_code(errno, std::system_category()),
            "signalfd", "Cannot watch for signals");
    return descriptor;
}

bool are_signals_blocked()
{
    return descriptor >= 0;
}

bool wait_until_writable(int fd)
{
    std::array<pollfd, 2> waiting{{{fd, POLLOUT, 0}, {descriptor, POLLIN, 0}}};
    while (poll(waiting.data(), waiting.size(), -1) < 0)
        if (errno != EINTR)
            return false;
    // If the file is ready, write to it even after a signal: the text may be
    // the message about the signal.
    if (waiting[0].revents != 0)
        return true;
    errno = ECANCELED;
    return false;
}
