// SPDX-License-Identifier: LGPL-2.1-or-later
#include "directory.hpp"

#include "kernel_error.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace mdev {

namespace fs = std::filesystem;

namespace {

EntryKind entry_kind(unsigned char type)
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

Change last_change(int fd, const std::string& path)
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

}

// cppcheck does not see the member that the path is moved to.
// cppcheck-suppress passedByValue
Directory::Directory(FileDescriptor fd, std::string path) noexcept
    : fd_(std::move(fd)),
      path_(std::move(path))
{
}

std::optional<Directory> Directory::at(const std::string& path)
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
    const bool is_whole = path_.empty() || path_.ends_with('/');
    if (auto fd = open_directory(number(), name.c_str()))
        return Directory(std::move(fd), path_ + (is_whole ? "" : "/") + name);
    if (is_missing(errno))
        return {};
    throw kernel_error("Cannot open directory", path_, name);
}

bool Directory::has_directory(const std::string& name) const
{
    struct stat status {};
    if (fstatat(number(), name.c_str(), &status, 0) == 0)
        return S_ISDIR(status.st_mode);
    if (is_missing(errno))
        return false;
    throw kernel_error("Cannot examine", path_, name);
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
    const std::function<void(std::string_view, EntryKind)>& take) const
{
    alignas(struct dirent64) std::array<char, 32 * 1024> buffer;
    if (std::exchange(is_read_, true) && lseek(number(), 0, SEEK_SET) < 0)
        throw kernel_error("Cannot read directory", path_);
    ssize_t got = 0;
    // getdents64(2) and not readdir(3): no allocation, and 32 KiB at a time
    // make a directory of 100,000 definitions cheap.
    while ((got = getdents64(number(), buffer.data(), buffer.size())) > 0)
        for (ssize_t at = 0; at < got;) {
            const auto* entry =
                reinterpret_cast<const struct dirent64*>(&buffer[at]);
            at += entry->d_reclen;
            const std::string_view name = entry->d_name;
            if (!is_dot(name))
                take(name, entry_kind(entry->d_type));
        }
    // ENOENT here means that the directory itself was removed after it was
    // opened, for example that of a device: then there are no entries.
    if (got < 0 && !is_missing(errno))
        throw kernel_error("Cannot read directory", path_);
}

void Directory::each_entry_despite_changes(
    const std::function<void(std::string_view, EntryKind)>& take) const
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
    each_entry([&](std::string_view name, EntryKind kind) {
        entries.push_back({std::string(name), kind});
    });
    return entries;
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

std::optional<EntryKind> Directory::kind_of(const std::string& name) const
{
    struct stat status {};
    if (fstatat(number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return {};
    return entry_kind(IFTODT(status.st_mode));
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

}
