// SPDX-License-Identifier: LGPL-2.1-or-later
#include "directory.hpp"

#include "kernel_error.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <sys/stat.h>

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

[[noreturn]] void throw_too_large(const std::string& path, std::size_t limit)
{
    throw Error(std::error_code(EFBIG, std::system_category()), path,
        "Cannot read " + path + ": it has more than " + std::to_string(limit) +
            " bytes");
}

/// How many bytes came, 0 at the end.
std::size_t read_some(int fd, char* to, std::size_t size, const fs::path& path)
{
    ssize_t got = 0;
    do
        got = ::read(fd, to, size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        throw kernel_error("Cannot read", path);
    return static_cast<std::size_t>(got);
}

/// A regular file ends where a read comes short.
std::string read_regular(
    int fd, std::size_t size, std::size_t limit, const fs::path& path)
{
    if (size > limit)
        throw_too_large(path.string(), limit);
    std::string content(size + 1, '\0');
    std::size_t filled = 0;
    for (;;) {
        const auto wanted = content.size() - filled;
        const auto got = read_some(fd, &content[filled], wanted, path);
        filled += got;
        if (filled > limit)
            throw_too_large(path.string(), limit);
        if (got < wanted)
            break;
        content.resize(content.size() * 2);
    }
    content.resize(filled);
    return content;
}

/// Somebody at a terminal may take any time, a pipe that nobody writes to or a
/// device that has nothing to say may not.
void wait_until_readable(int fd, const fs::path& path)
{
    constexpr int patience = 10; // seconds
    struct pollfd waiting {
        fd, POLLIN, 0
    };
    int ready = 0;
    do
        ready = poll(&waiting, 1, isatty(fd) == 0 ? patience * 1000 : -1);
    while (ready < 0 && errno == EINTR);
    if (ready == 0)
        throw Error(std::error_code(ETIMEDOUT, std::system_category()),
            path.string(),
            "Cannot read " + path.string() + ": nothing came for " +
                std::to_string(patience) + " s");
}

std::string read_stream(int fd, std::size_t limit, const fs::path& path)
{
    std::string content;
    std::array<char, PIPE_BUF> buffer{};
    wait_until_readable(fd, path);
    while (auto got = read_some(fd, buffer.data(), buffer.size(), path)) {
        content.append(buffer.data(), got);
        if (content.size() > limit)
            throw_too_large(path.string(), limit);
        wait_until_readable(fd, path);
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
    auto fd = open_directory(number(), name.c_str());
    if (fd)
        return Directory(std::move(fd), path_ / name);
    if (is_missing(errno))
        return {};
    throw kernel_error("Cannot open directory", path_, name);
}

Directory Directory::make(const fs::path& path)
{
    if (auto found = at(path))
        return std::move(*found);
    if (path.has_parent_path() && path.parent_path() != path)
        make(path.parent_path());
    if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
        throw kernel_error("Cannot create directory", path);
    if (auto made = at(path))
        return std::move(*made);
    throw kernel_error(ENOTDIR, "Cannot open directory", path);
}

std::vector<Entry> Directory::entries() const
{
    // Opened anew: a stream of its own has a position of its own.
    auto own = open_directory(number(), ".");
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(
        own ? fdopendir(own.number()) : nullptr, closedir);
    if (!stream)
        throw kernel_error("Cannot read directory", path_);
    own.release();
    std::vector<Entry> entries;
    errno = 0;
    while (const auto* entry = readdir(stream.get())) {
        if (!is_dot(entry->d_name))
            entries.push_back({entry->d_name, kind_of(entry->d_type)});
        errno = 0;
    }
    if (errno != 0 && !is_missing(errno))
        throw kernel_error("Cannot read directory", path_);
    return entries;
}

std::optional<std::string> Directory::read(
    const std::string& name, std::size_t limit) const
{
    // O_NONBLOCK: a FIFO without a writer is refused below, not waited for.
    const FileDescriptor fd(openat(
        number(), name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat about {};
    if (!fd && is_missing(errno))
        return {};
    if (!fd || fstat(fd.number(), &about) != 0)
        throw kernel_error("Cannot open", path_, name);
    if (!S_ISREG(about.st_mode))
        throw kernel_error(S_ISDIR(about.st_mode) ? EISDIR : EINVAL,
            "Not a regular file:", path_, name);
    try {
        return read_regular(fd.number(),
            static_cast<std::size_t>(about.st_size), limit, path_ / name);
    } catch (const Error& error) {
        if (is_missing(error.cause().value()))
            return {};
        throw;
    }
}

std::optional<std::string> Directory::link_target(const std::string& name) const
{
    std::array<char, PATH_MAX> target{};
    const auto length =
        readlinkat(number(), name.c_str(), target.data(), target.size());
    if (length >= 0)
        return std::string(target.data(), static_cast<std::size_t>(length));
    if (is_missing(errno) || errno == EINVAL)
        return {};
    throw kernel_error("Cannot read link", path_, name);
}

bool Directory::exists(const std::string& name) const
{
    struct stat about {};
    return fstatat(number(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
}

std::string read_file(const fs::path& path, std::size_t limit)
{
    // O_NONBLOCK: a pipe's writer is waited for below, not by open.
    const FileDescriptor fd(
        open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat about {};
    if (!fd || fstat(fd.number(), &about) != 0)
        throw kernel_error("Cannot open", path);
    if (S_ISBLK(about.st_mode))
        throw kernel_error(EINVAL, "Not a file:", path);
    // A file of /proc has no size, and ends only where nothing more comes.
    if (S_ISREG(about.st_mode) && about.st_size > 0)
        return read_regular(
            fd.number(), static_cast<std::size_t>(about.st_size), limit, path);
    return read_stream(fd.number(), limit, path);
}

}
