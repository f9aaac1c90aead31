// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>
#include <unistd.h>
#include <utility>

namespace mdev {

/// The device and the inode of a file. No other file has them while the file
/// is open.
using FileId = std::pair<dev_t, ino_t>;

/// Owns a file descriptor and closes it. A negative number means none, so that
/// the result of open(2) can be wrapped before it is checked; errno is still
/// that of open(2) then.
class FileDescriptor {
public:
    FileDescriptor() noexcept = default;
    explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
    /// Swaps: the old descriptor is closed when `other` is destroyed, which for
    /// a temporary is the end of the statement.
    FileDescriptor& operator=(FileDescriptor&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor()
    {
        if (fd_ >= 0)
            // No retry after EINTR: Linux has released the number already, and
            // another thread may have been given it.
            close(fd_);
    }

    int number() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    /// Gives the descriptor to the caller, which must close it.
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

}
