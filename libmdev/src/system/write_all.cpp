// SPDX-License-Identifier: LGPL-2.1-or-later
#include "write_all.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <unistd.h>

namespace mdev {

namespace {

/// Blocks a signal that the kernel sends to the thread which caused it.
class BlockedSignal {
public:
    explicit BlockedSignal(int signal) noexcept
    {
        sigemptyset(&blocked_);
        sigaddset(&blocked_, signal);
        pthread_sigmask(SIG_BLOCK, &blocked_, &before_);
    }
    BlockedSignal(const BlockedSignal&) = delete;
    BlockedSignal& operator=(const BlockedSignal&) = delete;
    ~BlockedSignal()
    {
        const int error = errno;
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        errno = error;
    }

    /// Takes the signal, if it has been sent.
    void take() const noexcept
    {
        const int error = errno;
        const struct timespec now {
        };
        sigtimedwait(&blocked_, nullptr, &now);
        errno = error;
    }

private:
    sigset_t blocked_{};
    sigset_t before_{};
};

}

bool write_all(int fd, std::string_view text) noexcept
{
    const BlockedSignal at_the_limit(SIGXFSZ);
    while (!text.empty()) {
        const auto written = write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            at_the_limit.take();
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}
