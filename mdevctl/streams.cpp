// SPDX-License-Identifier: LGPL-2.1-or-later
#include "streams.hpp"

#include "interruption.hpp"
#include "output.hpp"
#include "progress.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace {

/// Whether stderr is a stream of the journal: systemd puts the device and inode
/// of that stream into JOURNAL_STREAM.
bool is_journal()
{
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    return stream && fstat(STDERR_FILENO, &status) == 0 &&
        std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) ==
        stream;
}

/// The priority at the beginning of a line for the journal: see sd-daemon(3).
std::string_view journal_priority(std::string_view label)
{
    if (label == "Error")
        return "<3>";
    if (label == "Warning")
        return "<4>";
    return label == "Info" || label == "Hint" ? "<6>" : "<7>";
}

/// Opens a terminal again, so that no write to it blocks: a terminal that is
/// ready takes at least one byte, but does not say how many. The mode of `fd`
/// itself must not change, because the shell uses the same open file. Returns
/// -1 if `fd` is not a terminal, or cannot be opened again.
int open_unblocked(int fd)
{
    if (isatty(fd) != 1)
        return -1;
    const auto path = "/proc/self/fd/" + std::to_string(fd);
    return open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/// Writes all of the text, as soon and as much as the file takes if the write
/// is bounded. Returns 0 or an errno.
int write_pieces(int fd, std::string_view text, bool is_bounded)
{
    const auto most = is_bounded ? writable_piece : text.size();
    while (!text.empty()) {
        if (is_bounded && !wait_until_writable(fd))
            return errno;
        const auto written =
            write(fd, text.data(), std::min<std::size_t>(text.size(), most));
        if (written >= 0)
            text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno == EAGAIN ? !wait_until_writable(fd) : errno != EINTR)
            return errno;
    }
    return 0;
}

}

void occupy_streams()
{
    // Opened the wrong way round, on purpose: reading from a stdin that was
    // closed still fails, as does writing to a stdout or stderr that was.
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

bool write_all(int fd, std::string_view text)
{
    // SIGPIPE is blocked in this thread only. If it were ignored, a script that
    // another thread starts now would inherit that.
    sigset_t sigpipe;
    sigset_t before;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    // A write to a pipe that is not read would block, and a blocked signal
    // could not end it.
    const bool is_bounded = are_signals_blocked();
    const int unblocked = is_bounded ? open_unblocked(fd) : -1;
    const int error =
        write_pieces(unblocked >= 0 ? unblocked : fd, text, is_bounded);
    if (unblocked >= 0)
        close(unblocked);
    // Only a write that has failed has sent the signal.
    const struct timespec now {
    };
    if (error != 0)
        sigtimedwait(&sigpipe, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return error == 0;
}

void print_message(std::string_view label, std::string_view text)
{
    Progress::erase();
    std::string line(is_journal() ? journal_priority(label) : "");
    line.append(label).append(": ").append(escaped(text)).append("\n");
    // If stderr cannot be written to, the exit status is all that is left.
    write_all(STDERR_FILENO, line);
}

mdev::LogFunction log_to_stderr(mdev::LogLevel level)
{
    return [level](mdev::LogLevel of_message, std::string_view text) {
        constexpr std::array<std::string_view, 5> labels = {
            "Error", "Warning", "Info", "Debug", "Trace"};
        if (of_message <= level)
            print_message(labels[static_cast<std::size_t>(of_message)], text);
    };
}
