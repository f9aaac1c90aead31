// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock_file.hpp"

#include "device_users.hpp"
#include "kernel_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace mdev {

namespace {

using std::chrono::milliseconds;

/// flock(2) has no timeout and cannot be combined with poll(2), so the lock is
/// polled. The naps begin at 1 ms, for writers that are done soon, and double
/// up to this.
constexpr milliseconds longest_nap(20);

FileDescriptor open_lock(const Directory& directory, const std::string& name)
{
    // O_NONBLOCK: a FIFO in the place of the lock must not block the open.
    FileDescriptor fd(openat(directory.number(), name.c_str(),
        O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    struct stat status {};
    if (!fd || fstat(fd.number(), &status) != 0)
        throw kernel_error("Cannot open", directory.path(), name);
    // A second name of another file is refused, because the chmod below would
    // change that file.
    if (!S_ISREG(status.st_mode) || status.st_nlink > 1)
        throw kernel_error(EINVAL,
            "Not a file with this one name only:", directory.path(), name);
    // flock(2) needs no more than a descriptor: every user who may open the
    // file could hold the lock and block all writers. An older file may be open
    // to all.
    if ((status.st_mode & 077) != 0 && fchmod(fd.number(), 0600) != 0)
        throw kernel_error("Cannot protect", directory.path(), name);
    return fd;
}

/// The name of a file in /proc/locks, `MAJOR:MINOR:INODE`, device numbers in
/// hexadecimal.
std::string lock_identity(int fd)
{
    struct stat status {};
    if (fstat(fd, &status) != 0)
        return {};
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%02x:%02x:%ju",
        major(status.st_dev), minor(status.st_dev),
        static_cast<uintmax_t>(status.st_ino));
    return {text.data(), static_cast<std::size_t>(length)};
}

/// The number in front of the file's name in /proc/locks, whose lines are `N:
/// FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE START END`. Empty if there is no
/// such line: the lock was released in the meantime, or the holder is in
/// another PID namespace or on another NFS client.
std::string holder_pid(const std::string& locks, const std::string& file)
{
    const auto at = locks.find(" " + file + " ");
    if (file.empty() || at == locks.npos)
        return {};
    const auto blank = locks.rfind(' ', at - 1);
    return locks.substr(blank + 1, at - blank - 1);
}

/// Describes the holder of a lock, as well as /proc tells. The answer is for a
/// message only, so that an unreadable /proc is not an error.
std::string holder(int fd)
try {
    constexpr std::size_t enough = 1024 * 1024;
    const auto pid =
        holder_pid(read_file("/proc/locks", enough), lock_identity(fd));
    if (pid.empty())
        return "another process";
    const auto proc = Directory::at("/proc");
    return proc ? describe_process(*proc, pid) : "process " + pid;
} catch (const Error&) {
    return "another process";
}

}

FileDescriptor lock_file(const Directory& directory, const std::string& name,
    const Deadline& deadline, const Cancellation& cancellation)
{
    auto fd = open_lock(directory, name);
    const auto path = (directory.path() / name).string();
    for (milliseconds nap(1); flock(fd.number(), LOCK_EX | LOCK_NB) != 0;
         nap = std::min(nap * 2, longest_nap)) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            throw kernel_error("Cannot lock", path);
        if (deadline.has_passed())
            throw Error(Errc::timed_out, path,
                "Cannot lock " + path + ": " + holder(fd.number()) +
                    " has held it for " +
                    std::to_string(deadline.timeout().count()) + " ms");
        cancellation.wait(nap, "Waiting for " + path, path);
    }
    return fd;
}

}
