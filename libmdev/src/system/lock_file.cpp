// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock_file.hpp"

#include "device_users.hpp"
#include "kernel_error.hpp"
#include "lock_queue.hpp"
#include "sysfs.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mdev {

namespace {

using std::chrono::milliseconds;

/// How often a waiting thread checks whether the lock can still be taken: first
/// when most locks have been released, and then at intervals.
constexpr milliseconds first_look(30);
constexpr milliseconds between_looks(250);
/// The pause between two attempts of a process without a thread for waiting.
constexpr milliseconds nap(20);

/// Throws Error unless the file may serve as a lock.
void check(const struct stat& status, const Directory& directory,
    const std::string& name)
{
    // A second name of another file is refused, because the mode is changed
    // below. A file without a name is accepted: it has been removed since it
    // was opened.
    const auto path = (directory.path() / name).string();
    const std::error_code invalid(EINVAL, std::system_category());
    if (!S_ISREG(status.st_mode) || status.st_nlink > 1)
        throw Error(invalid, invalid, path,
            "Cannot use " + path +
                " as a lock: it is not a regular file with a single name; "
                "remove it");
    // Its owner could hold the lock and block all writers, or make the file
    // accessible to all again.
    if (status.st_uid == 0 || status.st_uid == geteuid())
        return;
    throw Error({EPERM, std::system_category()}, {}, path,
        "Cannot use " + path + " as a lock: it belongs to user " +
            std::to_string(status.st_uid) +
            ", who could block every change; remove the file");
}

/// The name of a file in /proc/locks, `MAJOR:MINOR:INODE`, device numbers in
/// hexadecimal.
std::string lock_identity(const struct stat& status)
{
    std::array<char, 64> text{};
    const int length = std::snprintf(text.data(), text.size(), "%02x:%02x:%ju",
        major(status.st_dev), minor(status.st_dev),
        static_cast<uintmax_t>(status.st_ino));
    return {text.data(), static_cast<std::size_t>(length)};
}

/// The processes that hold the flock(2) of a file according to /proc/locks,
/// whose lines are `N: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE START END`; a
/// line of one that waits has `->` behind the number. On overlayfs and btrfs
/// the device differs from the one that fstat(2) reports: if no line has the
/// whole name, all lines with the inode count. Empty if no line has the inode:
/// the lock was released in the meantime, the holder is in another PID
/// namespace or on another NFS client, or overlayfs has another inode there as
/// well.
std::vector<std::string> holders(
    const std::string& locks, const struct stat& status)
{
    const auto whole = lock_identity(status);
    const auto inode = ":" + std::to_string(status.st_ino);
    std::vector<std::string> with_inode;
    for (const auto line : split(locks, '\n')) {
        auto words = split(line, ' ');
        std::erase(words, "");
        if (words.size() < 6 || words[1] != "FLOCK")
            continue;
        const std::string pid(words[4]);
        const auto file = words[5];
        // A PID that this PID namespace does not have is 0.
        if (pid == "0")
            continue;
        if (file == whole)
            return {pid};
        if (file.ends_with(inode))
            with_inode.push_back(pid);
    }
    return with_inode;
}

std::vector<std::string> holders(const struct stat& status)
{
    constexpr std::size_t enough = 1024 * 1024;
    return holders(read_file("/proc/locks", enough), status);
}

/// The parent of a process; empty if there is no such process.
std::string parent_of(const Directory& proc, const std::string& pid)
{
    constexpr std::string_view label = "\nPPid:\t";
    const auto process = proc.find(pid);
    const auto status =
        process ? Sysfs::read(*process, "status") : std::nullopt;
    const auto at = status ? status->find(label) : std::string::npos;
    if (at == std::string::npos)
        return {};
    const auto begin = at + label.size();
    return status->substr(begin, status->find('\n', begin) - begin);
}

/// Whether this process descends from the holder of a lock, for example a
/// command that the holder's script has started.
enum class Descent { yes, no, unknown };

Descent descent_from_holder(const struct stat& file)
try {
    const auto found = holders(file);
    const auto proc = Directory::at("/proc");
    if (!proc || found.empty())
        return Descent::unknown;
    for (auto pid = parent_of(*proc, "self"); !pid.empty() && pid != "0";
         pid = parent_of(*proc, pid))
        if (std::find(found.begin(), found.end(), pid) != found.end())
            return Descent::yes;
    return Descent::no;
} catch (const Error&) {
    return Descent::unknown;
}

/// Describes the holder of a lock for a message, with the name that /proc
/// shows. An unreadable /proc is not an error.
std::string holder(const struct stat& file)
try {
    const auto found = holders(file);
    return found.size() == 1 ? describe_process(found.front())
                             : "another process";
} catch (const Error&) {
    return "another process";
}

/// Throws Error if this process would wait for its own caller, which never
/// ends. If /proc does not show the holder, this is assumed only when
/// `is_first_look` is false: most locks have been released by then.
void check_no_ancestor(const struct stat& file, const std::string& path,
    LockHolder possible, bool is_first_look)
{
    if (possible == LockHolder::anybody)
        return;
    const auto descent = descent_from_holder(file);
    if (descent == Descent::yes)
        throw Error(Errc::lock_held, path,
            "Cannot lock " + path + ": " + holder(file) +
                ", which waits for this command, holds the lock");
    if (descent == Descent::unknown && possible == LockHolder::ancestor &&
        !is_first_look)
        throw Error(Errc::lock_held, path,
            "Cannot lock " + path +
                ": its holder is not visible in /proc, and may be the process "
                "that waits for this command");
}

FileId id_of(const struct stat& status) noexcept
{
    return {status.st_dev, status.st_ino};
}

/// The file of a lock while it is being locked.
class LockFile {
public:
    LockFile(const Directory& directory, const std::string& name)
        : directory_(directory),
          name_(name)
    {
        open();
    }

    std::string path() const { return (directory_.path() / name_).string(); }
    LockedFile release() noexcept { return {std::move(fd_), id()}; }
    /// The file that was opened last.
    const struct stat& status() const noexcept { return status_; }
    FileId id() const noexcept { return id_of(status_); }
    bool has_name() const { return is_name_of(id(), directory_, name_); }

    /// Opens the file that has the name now, and creates it if necessary.
    void open()
    {
        // O_NONBLOCK: a FIFO in the place of the lock must not block the open.
        fd_ = FileDescriptor(openat(directory_.number(), name_.c_str(),
            access_ | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
        if (!fd_ || fstat(fd_.number(), &status_) != 0) {
            const auto error =
                change_error("Cannot open", directory_.path(), name_);
            check_lock_file(directory_, name_);
            throw error;
        }
        check(status_, directory_, name_);
        // flock(2) needs no more than a descriptor: every user who may open the
        // file could hold the lock and block all writers. An older file may be
        // open to all; on a read-only file system there is nothing to block.
        if ((status_.st_mode & 077) != 0 && fchmod(fd_.number(), 0600) != 0 &&
            errno != EROFS)
            throw kernel_error("Cannot protect", directory_.path(), name_);
    }

    /// Returns false if another process has the lock, or if threads of this
    /// process have waited longer.
    bool try_lock()
    {
        if (LockPlace::is_waited_for(id()))
            return false;
        if (flock(fd_.number(), LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno == EWOULDBLOCK || errno == EINTR)
            return false;
        reopen_for(errno);
        return try_lock();
    }
    /// Takes over a descriptor that has the lock, unless there was an error.
    /// Returns whether it has.
    bool adopt(FileDescriptor open, int error)
    {
        fd_ = std::move(open);
        if (error != 0)
            reopen_for(error);
        return error == 0;
    }

private:
    /// NFS locks a file exclusively only for those that may write to it.
    /// Elsewhere the file is not open for writing: closing it would raise
    /// IN_CLOSE_WRITE for libvirt with every lock.
    void reopen_for(int error)
    {
        if (error != EBADF || access_ != O_RDONLY)
            throw kernel_error(error, "Cannot lock", path());
        access_ = O_RDWR;
        open();
    }

    const Directory& directory_;
    const std::string& name_;
    int access_ = O_RDONLY;
    FileDescriptor fd_;
    struct stat status_ {};
};

[[noreturn]] void throw_timed_out(
    const LockFile& file, const Deadline& deadline)
{
    const auto path = file.path();
    throw Error(Errc::timed_out, path,
        "Cannot lock " + path + ": " +
            (file.has_name() ? holder(file.status()) + " has held the lock for "
                             : "the file was removed repeatedly for ") +
            std::to_string(deadline.timeout().count()) + " ms");
}

/// Waits for the lock. Returns false if the caller must try again: the file has
/// lost its name, or was opened in a way in which it cannot be locked.
bool wait_for_lock(LockFile& file, const Deadline& deadline,
    const Cancellation& cancellation, LockHolder possible,
    const LockNotice& notice, bool& is_noticed)
{
    const auto path = file.path();
    LockPlace place(file.release().descriptor, file.id());
    for (auto time = first_look;; time = between_looks) {
        const milliseconds left(deadline.poll_timeout());
        if (place.is_served_within(std::min(time, left), cancellation)) {
            auto [open, error] = place.take();
            return file.adopt(std::move(open), error);
        }
        cancellation.check("Waiting for " + path, path);
        if (!file.has_name())
            return false;
        check_no_ancestor(file.status(), path, possible, false);
        if (deadline.has_passed())
            throw_timed_out(file, deadline);
        // Not before the first look: most locks have been released by then.
        if (!std::exchange(is_noticed, true))
            notice("Waiting for " + holder(file.status()) + ", which holds " +
                path);
    }
}

}

LockedFile lock_file(const Directory& directory, const std::string& name,
    const Deadline& deadline, const Cancellation& cancellation,
    LockHolder possible, const LockNotice& notice)
{
    LockFile file(directory, name);
    bool is_noticed = !notice;
    for (;;) {
        bool is_locked = file.try_lock();
        if (!is_locked && file.has_name()) {
            const auto path = file.path();
            check_no_ancestor(file.status(), path, possible, true);
            if (deadline.has_passed())
                throw_timed_out(file, deadline);
            cancellation.check("Waiting for " + path, path);
            try {
                is_locked = wait_for_lock(
                    file, deadline, cancellation, possible, notice, is_noticed);
            } catch (const Error&) {
                throw;
            } catch (const std::system_error&) {
                // The system has no thread left for waiting.
                cancellation.wait(nap, "Waiting for " + path, path);
            }
        }
        if (is_locked && file.has_name()) {
            if (notice && is_noticed)
                notice("Locked " + file.path());
            return file.release();
        }
        if (deadline.has_passed())
            throw_timed_out(file, deadline);
        // Processes that came after the removal lock a new file of this name: a
        // lock on the old file excludes none of them.
        file.open();
    }
}

void check_lock_file(const Directory& directory, const std::string& name)
{
    struct stat status {};
    if (fstatat(directory.number(), name.c_str(), &status,
            AT_SYMLINK_NOFOLLOW) == 0)
        check(status, directory, name);
    else if (!is_missing(errno))
        throw kernel_error("Cannot examine", directory.path(), name);
}

bool is_name_of(
    const FileId& file, const Directory& directory, const std::string& name)
{
    struct stat named {};
    if (fstatat(
            directory.number(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0)
        return file == id_of(named);
    if (!is_missing(errno))
        throw kernel_error("Cannot examine", directory.path(), name);
    return false;
}

bool is_name_of(const FileDescriptor& file, const Directory& directory,
    const std::string& name)
{
    struct stat open {};
    if (fstat(file.number(), &open) != 0)
        throw kernel_error("Cannot examine", directory.path(), name);
    return is_name_of(id_of(open), directory, name);
}

}
