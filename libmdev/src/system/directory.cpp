// SPDX-License-Identifier: LGPL-2.1-or-later
#include "directory.hpp"

#include "kernel_error.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mdev {

namespace fs = std::filesystem;

namespace {

EntryKind kind_of(unsigned char type)
{
    if (type == DT_DIR)
        return EntryKind::directory;
    return type == DT_REG ? EntryKind::file : EntryKind::other;
}

bool is_dot(std::string_view name)
{
    return name == "." || name == "..";
}

FileDescriptor open_directory(int at, const char* path)
{
    return FileDescriptor(openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// When a directory was changed last.
struct Change {
    timespec time;
    /// Whether another change would have another time.
    bool is_over;
};

Change last_change(int fd, const fs::path& path)
{
    // The clock of the file systems: it moves with each tick of the kernel.
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    struct statx status {};
    // AT_STATX_FORCE_SYNC: NFS would answer from its cache.
    if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_CTIME,
            &status) != 0)
        throw kernel_error("Cannot read directory", path);
    const auto& ctime = status.stx_ctime;
    const timespec time{ctime.tv_sec, static_cast<long>(ctime.tv_nsec)};
    // Some file systems store whole seconds.
    if (time.tv_nsec == 0)
        return {time, time.tv_sec != now.tv_sec};
    // A time far in the future comes from a wrong clock. Comparing it with this
    // clock would be useless.
    const bool is_earlier = time.tv_sec < now.tv_sec ||
        (time.tv_sec == now.tv_sec && time.tv_nsec < now.tv_nsec);
    return {time, is_earlier || time.tv_sec > now.tv_sec + 1};
}

bool is_same_time(const timespec& a, const timespec& b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/// The name of a file for messages. It is only put together when there is a
/// message.
struct Place {
    const fs::path& directory;
    std::string_view name = {};

    std::string string() const
    {
        return (name.empty() ? directory : directory / name).string();
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

/// Reads a regular file. A short read is its end: the read asks for one byte
/// more than the size, so that a file that has its size needs one system call.
/// sysfs says 4096 for every attribute and never fills that, and a file that
/// grows in the meantime is read on.
void read_regular(int fd, std::size_t size, std::size_t limit,
    const Place& place, std::string& content)
{
    if (size > limit)
        throw_too_large(place, limit);
    // Not cleared first: the caller passes the same string for thousands of
    // files, and resize() then writes only what the string grows by.
    content.resize(size + 1);
    std::size_t filled = 0;
    for (;;) {
        const auto wanted = content.size() - filled;
        const auto got = read_some(fd, &content[filled], wanted, place);
        filled += got;
        if (filled > limit)
            throw_too_large(place, limit);
        if (got < wanted)
            break;
        content.resize(content.size() * 2);
    }
    content.resize(filled);
}

/// Waits for a pipe, socket or device. A person at a terminal may take any
/// time. A pipe without a writer, or a device without data, must not block a
/// command forever.
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
            "Cannot read " + path.string() + ": nothing came for " +
                std::to_string(patience) + " s");
}

std::string read_stream(int fd, std::size_t limit, const fs::path& path,
    const Cancellation& cancellation)
{
    const Place place{path};
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

Directory::Directory(FileDescriptor fd, fs::path path) noexcept
    : fd_(std::move(fd)),
      path_(std::move(path))
{
}

std::optional<Directory> Directory::at(const fs::path& path)
{
    auto fd = open_directory(AT_FDCWD, path.c_str());
    if (fd)
        return Directory(std::move(fd), path);
    if (is_missing(errno))
        return {};
    throw kernel_error("Cannot open directory", path);
}

std::optional<Directory> Directory::find(const std::string& name) const
{
    if (auto fd = open_below(name))
        return Directory(std::move(fd), path_ / name);
    return {};
}

bool Directory::has_directory(const std::string& name) const
{
    return static_cast<bool>(open_below(name));
}

FileDescriptor Directory::open_below(const std::string& name) const
{
    auto fd = open_directory(number(), name.c_str());
    if (!fd && !is_missing(errno))
        throw kernel_error("Cannot open directory", path_, name);
    return fd;
}

Directory Directory::make(const fs::path& path)
{
    if (auto found = at(path))
        return std::move(*found);
    const auto above = path.parent_path();
    const auto parent = make(above.empty() ? "." : above);
    // EEXIST: another process has created the directory at the same time, or it
    // is a file; at() below tells the two apart.
    if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
        throw kernel_error("Cannot create directory", path);
    // Otherwise a crash could lose the directory, with everything that is
    // written to it in the meantime.
    parent.sync();
    if (auto made = at(path))
        return std::move(*made);
    throw kernel_error(ENOTDIR, "Cannot open directory", path);
}

void Directory::each_entry(
    const std::function<void(const char*, EntryKind)>& take) const
{
    alignas(struct dirent64) std::array<char, 32 * 1024> buffer;
    // The descriptor may have been read before: a Directory has one position.
    if (lseek(number(), 0, SEEK_SET) < 0)
        throw kernel_error("Cannot read directory", path_);
    ssize_t got = 0;
    // getdents64(2) and not readdir(3): no allocation, and 32 KiB at a time
    // make a directory of 100,000 definitions cheap.
    while ((got = getdents64(number(), buffer.data(), buffer.size())) > 0)
        for (ssize_t at = 0; at < got;) {
            const auto* entry =
                reinterpret_cast<const struct dirent64*>(&buffer[at]);
            at += entry->d_reclen;
            if (!is_dot(entry->d_name))
                take(entry->d_name, kind_of(entry->d_type));
        }
    // ENOENT here means that the directory itself was removed after it was
    // opened, for example that of a device: then there are no entries.
    if (got < 0 && !is_missing(errno))
        throw kernel_error("Cannot read directory", path_);
}

void Directory::each_entry_despite_changes(
    const std::function<void(const char*, EntryKind)>& take) const
{
    // An entry that is replaced during one pass is where the next one finds it.
    // A few passes are enough, even for a directory that changes all the time:
    // an entry is missed only if it is replaced, and overtaken, in each pass.
    constexpr int most_passes = 4;
    for (int pass = 0; pass < most_passes; ++pass) {
        const auto before = last_change(number(), path_);
        each_entry(take);
        if (before.is_over &&
            is_same_time(before.time, last_change(number(), path_).time))
            return;
    }
}

std::vector<Entry> Directory::entries() const
{
    std::vector<Entry> entries;
    each_entry([&](const char* name, EntryKind kind) {
        entries.push_back({name, kind});
    });
    return entries;
}

bool Directory::read(
    const char* name, std::size_t limit, std::string& content) const
{
    // O_NONBLOCK: a FIFO without a writer is refused below instead of being
    // waited for. O_NOCTTY: a terminal device must not become the controlling
    // terminal. Links are followed: definitions may be links (NixOS makes
    // them), and what is open is checked.
    const FileDescriptor fd(
        openat(number(), name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat status {};
    if (!fd && is_missing(errno))
        return false;
    if (!fd || fstat(fd.number(), &status) != 0)
        throw kernel_error("Cannot open", path_, name);
    if (!S_ISREG(status.st_mode))
        throw kernel_error(S_ISDIR(status.st_mode) ? EISDIR : EINVAL,
            "Not a regular file:", path_, name);
    try {
        read_regular(fd.number(), static_cast<std::size_t>(status.st_size),
            limit, {path_, name}, content);
    } catch (const Error& error) {
        // ENODEV from read(2): the device was removed after the open.
        if (is_missing(error.cause().value()))
            return false;
        throw;
    }
    return true;
}

std::optional<std::string> Directory::read(
    const std::string& name, std::size_t limit) const
{
    std::string content;
    if (!read(name.c_str(), limit, content))
        return {};
    return content;
}

std::optional<std::string> Directory::link_target(const std::string& name) const
{
    std::array<char, PATH_MAX> target{};
    const auto length =
        readlinkat(number(), name.c_str(), target.data(), target.size());
    if (length >= 0)
        return std::string(target.data(), static_cast<std::size_t>(length));
    // EINVAL: the entry is not a link.
    if (is_missing(errno) || errno == EINVAL)
        return {};
    throw kernel_error("Cannot read link", path_, name);
}

bool Directory::exists(const char* name) const
{
    struct stat status {};
    return fstatat(number(), name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

bool Directory::is_same(const Directory& other) const
{
    struct stat mine {};
    struct stat others {};
    if (fstat(number(), &mine) != 0 || fstat(other.number(), &others) != 0)
        throw kernel_error("Cannot examine directory", path_);
    return mine.st_dev == others.st_dev && mine.st_ino == others.st_ino;
}

void Directory::sync() const
{
    if (!is_synced(number()))
        throw kernel_error("Cannot write directory", path_);
}

bool is_synced(int fd)
{
    int result = 0;
    do
        result = fsync(fd);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

fs::path real_path_of(const Directory& directory)
{
    std::error_code error;
    auto real = fs::canonical(directory.path(), error);
    if (error)
        throw kernel_error(error.value(), "Cannot resolve", directory.path());
    return real;
}

std::string read_open_file(
    const FileDescriptor& file, std::size_t limit, const fs::path& path)
{
    struct stat status {};
    if (fstat(file.number(), &status) != 0)
        throw kernel_error("Cannot read", path);
    std::string content;
    read_regular(file.number(), static_cast<std::size_t>(status.st_size), limit,
        {path}, content);
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
    // A disk is a mistake in the command line. It would be read up to the limit
    // before it is refused.
    if (S_ISBLK(status.st_mode))
        throw kernel_error(EINVAL, "Not a file:", path);
    // A file of /proc has no size, and ends where read(2) returns 0.
    if (S_ISREG(status.st_mode) && status.st_size > 0)
        return read_open_file(fd, limit, path);
    return read_stream(fd.number(), limit, path, cancellation);
}

}
