// SPDX-License-Identifier: LGPL-2.1-or-later
#include "directory.hpp"
#include "kernel_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mdev {

// The content of files: regular ones, and pipes that a user names.

namespace fs = std::filesystem;

namespace {

/// The name of a file for messages. It is only put together when there is a
/// message.
struct Place {
    const std::string& directory;
    std::string_view name = {};

    std::string string() const
    {
        return name.empty() ? directory : (fs::path(directory) / name).string();
    }
};

[[noreturn]] void throw_too_large(const Place& place, std::size_t limit)
{
    const auto path = place.string();
    throw Error(std::error_code(EFBIG, std::system_category()), path,
        "Cannot read " + path + ": it has more than " + std::to_string(limit) +
            " bytes");
}

/// Returns the number of bytes read, 0 at the end of the file.
std::size_t read_some(int fd, char* to, std::size_t size, const Place& place)
{
    ssize_t got = 0;
    do
        got = ::read(fd, to, size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        throw kernel_error("Cannot read", place.directory, place.name);
    return static_cast<std::size_t>(got);
}

/// Reads a regular file of about `size` bytes to its end, into the front of
/// `buffer`. A short read is the end: the read asks for more than the size, so
/// that a file needs one system call. sysfs says 4096 for every attribute and
/// never fills that, and a file that grows in the meantime is read on.
///
/// The buffer never shrinks, so that it need not be cleared again for each of
/// thousands of files.
std::string_view read_regular(int fd, std::size_t size, std::size_t limit,
    const Place& place, std::string& buffer)
{
    constexpr std::size_t usual_size = 4096;
    if (size > limit)
        throw_too_large(place, limit);
    if (const auto needed = std::max(size, usual_size) + 1;
        buffer.size() < needed)
        buffer.resize(needed);
    std::size_t filled = 0;
    for (;;) {
        const auto wanted = buffer.size() - filled;
        const auto got = read_some(fd, &buffer[filled], wanted, place);
        filled += got;
        if (filled > limit)
            throw_too_large(place, limit);
        if (got < wanted)
            return {buffer.data(), filled};
        buffer.resize(buffer.size() * 2);
    }
}

/// Reads a file whose directory shows it as a regular one, which need not be
/// asked for then (fstat(2)). Returns nothing but "" if the file is empty, or
/// if something else has taken its place: read() looks again.
std::string_view read_plain(const FileDescriptor& file, std::size_t limit,
    const Place& place, std::string& buffer)
try {
    return read_regular(file.number(), 0, limit, place, buffer);
} catch (const Error&) {
    return {};
}

// O_NONBLOCK: a FIFO without a writer is refused instead of being waited for.
// O_NOCTTY: a terminal device must not become the controlling terminal.
constexpr int read_flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

/// Waits for a pipe, socket or device. A person at a terminal may take any
/// time; a pipe without a writer, or a device that says nothing, must not block
/// a command forever.
void wait_until_readable(
    int fd, const fs::path& path, const Cancellation& cancellation)
{
    constexpr int patience = 10; // seconds
    const auto deadline = isatty(fd) == 0
        ? Deadline(std::chrono::seconds(patience))
        : Deadline::never();
    std::array<pollfd, 2> asked{
        {{fd, POLLIN, 0}, {cancellation.descriptor(), POLLIN, 0}}};
    int ready = 0;
    while (ready <= 0 && !deadline.has_passed() && !cancellation.is_overdue())
        ready = poll(
            asked.data(), asked.size(), cancellation.poll_timeout(deadline));
    if (asked[1].revents != 0 || cancellation.is_overdue())
        throw cancellation.error("Reading " + path.string(), path.string());
    if (ready <= 0)
        throw Error(std::error_code(ETIMEDOUT, std::system_category()),
            path.string(),
            "Cannot read " + path.string() + ": no data for " +
                std::to_string(patience) + " s");
}

std::string read_stream(int fd, std::size_t limit, const fs::path& path,
    const Cancellation& cancellation)
{
    const Place place{path.native()};
    std::string content;
    std::array<char, PIPE_BUF> buffer{};
    wait_until_readable(fd, path, cancellation);
    // A read that comes short is not the end of a stream; only 0 is.
    while (auto got = read_some(fd, buffer.data(), buffer.size(), place)) {
        content.append(buffer.data(), got);
        if (content.size() > limit)
            throw_too_large(place, limit);
        wait_until_readable(fd, path, cancellation);
    }
    return content;
}

}

std::optional<std::string_view> Directory::read(const char* name,
    EntryKind kind, std::size_t limit, std::string& buffer) const
{
    const Place place{path_, name};
    if (kind == EntryKind::file) {
        const FileDescriptor file(
            openat(number(), name, read_flags | O_NOFOLLOW));
        if (!file && is_missing(errno))
            return {};
        if (file)
            if (const auto content = read_plain(file, limit, place, buffer);
                !content.empty())
                return content;
    }
    // Links are followed, because definitions may be links (NixOS makes them).
    // The open file is checked.
    const FileDescriptor file(openat(number(), name, read_flags));
    struct stat status {};
    if (!file && is_missing(errno))
        return {};
    if (!file || fstat(file.number(), &status) != 0)
        throw kernel_error("Cannot open", path_, name);
    if (!S_ISREG(status.st_mode))
        throw kernel_error(S_ISDIR(status.st_mode) ? EISDIR : EINVAL,
            "Not a regular file:", path_, name);
    try {
        return read_regular(file.number(),
            static_cast<std::size_t>(status.st_size), limit, place, buffer);
    } catch (const Error& error) {
        // ENODEV from read(2): the device was removed after the open.
        if (is_missing(error.cause().value()))
            return {};
        throw;
    }
}

std::optional<std::string> Directory::read(
    const std::string& name, std::size_t limit) const
{
    std::string content;
    const auto read_content =
        read(name.c_str(), EntryKind::other, limit, content);
    if (!read_content)
        return {};
    content.resize(read_content->size());
    return content;
}

std::string read_open_file(
    const FileDescriptor& file, std::size_t limit, const fs::path& path)
{
    struct stat status {};
    if (fstat(file.number(), &status) != 0)
        throw kernel_error("Cannot read", path);
    std::string content;
    const auto size = static_cast<std::size_t>(status.st_size);
    content.resize(
        read_regular(file.number(), size, limit, {path.native()}, content)
            .size());
    return content;
}

std::string read_file(
    const fs::path& path, std::size_t limit, const Cancellation& cancellation)
{
    // O_NONBLOCK: a pipe's writer is waited for below, not by open.
    const FileDescriptor fd(
        open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat status {};
    if (!fd || fstat(fd.number(), &status) != 0)
        throw kernel_error("Cannot open", path);
    // A disk is a mistake in the command line, and would be read up to the
    // limit before it is refused.
    if (S_ISBLK(status.st_mode))
        throw kernel_error(EINVAL, "Not a file:", path);
    // A file of /proc has no size, and ends only where nothing more comes.
    if (S_ISREG(status.st_mode) && status.st_size > 0)
        return read_open_file(fd, limit, path);
    return read_stream(fd.number(), limit, path, cancellation);
}

}
