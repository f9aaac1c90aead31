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

constexpr milliseconds longest_nap(20);

FileDescriptor open_lock(const Directory& directory, const std::string& name)
{
    FileDescriptor fd(openat(directory.number(), name.c_str(),
        O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    struct stat about {};
    if (!fd || fstat(fd.number(), &about) != 0)
        throw kernel_error("Cannot open", directory.path(), name);
    // Another name of it, or what it stands for, would be changed with it.
    if (!S_ISREG(about.st_mode) || about.st_nlink > 1)
        throw kernel_error(EINVAL,
            "Not a file with this one name only:", directory.path(), name);
    // Whoever may open it may hold it for ever.
    if ((about.st_mode & 077) != 0 && fchmod(fd.number(), 0600) != 0)
        throw kernel_error("Cannot protect", directory.path(), name);
    return fd;
}

/// How /proc/locks calls a file: `MAJOR:MINOR:INODE`.
std::string lock_identity(int fd)
{
    struct stat about {};
    if (fstat(fd, &about) != 0)
        return {};
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%02x:%02x:%ju",
        major(about.st_dev), minor(about.st_dev),
        static_cast<uintmax_t>(about.st_ino));
    return {text.data(), static_cast<std::size_t>(length)};
}

/// The process that /proc/locks shows: `N: FLOCK ADVISORY WRITE PID FILE …`.
std::string holder_pid(const std::string& locks, const std::string& file)
{
    const auto at = locks.find(" " + file + " ");
    if (file.empty() || at == locks.npos)
        return {};
    const auto blank = locks.rfind(' ', at - 1);
    return locks.substr(blank + 1, at - blank - 1);
}

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
