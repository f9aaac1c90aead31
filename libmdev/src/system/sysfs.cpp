// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sysfs.hpp"

#include "detached_write.hpp"
#include "kernel_error.hpp"
#include "name.hpp"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace mdev {

namespace {

/// The largest attribute that is read. The kernel limits text to one page; some
/// binary attributes are larger.
constexpr std::size_t attribute_limit = 64 * 1024;

// Without O_CREAT and O_TRUNC: a misspelled attribute must not become a file.
// O_NONBLOCK: a FIFO in the place of an attribute must not block.
constexpr int attribute_flags = O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

/// Opens one directory of a path. Fails with ELOOP for a link, like openat2(2).
/// O_NOFOLLOW with O_PATH opens the link itself, so that its type must be
/// checked.
FileDescriptor open_step(int at, const std::string& name)
{
    FileDescriptor fd(
        openat(at, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (!fd || fstat(fd.number(), &status) != 0)
        return {};
    if (S_ISDIR(status.st_mode))
        return fd;
    errno = S_ISLNK(status.st_mode) ? ELOOP : ENOTDIR;
    return {};
}

/// Replaces openat2(2) on kernels before 5.6 and in sandboxes that forbid it:
/// no component may lead up, each is opened by itself, and none may be a link.
FileDescriptor open_by_steps(int at, const std::string& path, int flags)
{
    if (!is_attribute_name(path)) {
        errno = EXDEV;
        return {};
    }
    FileDescriptor directory(openat(at, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::size_t begin = 0;
    for (auto end = path.find('/'); directory && end != path.npos;
         begin = end + 1, end = path.find('/', begin))
        directory =
            open_step(directory.number(), path.substr(begin, end - begin));
    if (!directory)
        return {};
    return FileDescriptor(openat(
        directory.number(), path.substr(begin).c_str(), flags | O_NOFOLLOW));
}

/// Opens an attribute that cannot be outside of the directory. Names are
/// checked before, but a link inside of the device's directory has a harmless
/// name: `driver/unbind` would reach the driver. RESOLVE_NO_SYMLINKS refuses
/// it.
FileDescriptor open_beneath(int at, const std::string& path, int flags)
{
    struct open_how how {};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const auto fd = syscall(SYS_openat2, at, path.c_str(), &how, sizeof how);
    if (fd >= 0)
        return FileDescriptor(static_cast<int>(fd));
    // EPERM: a seccomp filter that does not know the system call, for example
    // in older containers.
    if (errno == ENOSYS || errno == EPERM)
        return open_by_steps(at, path, flags);
    return {};
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n\v\f";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Opens an attribute; `access` is O_RDONLY or O_WRONLY.
FileDescriptor open_attribute(
    const Directory& directory, const std::string& attribute, int access)
{
    auto fd =
        open_beneath(directory.number(), attribute, access | attribute_flags);
    struct stat status {};
    if (!fd || fstat(fd.number(), &status) != 0)
        throw kernel_error(access == O_RDONLY ? "Cannot open for reading"
                                              : "Cannot open for writing",
            directory.path(), attribute);
    if (!S_ISREG(status.st_mode))
        throw kernel_error(
            EINVAL, "Not an attribute:", directory.path(), attribute);
    return fd;
}

/// Throws Error unless `written`, the result of write(2), is all of `value`.
void check_written(const Directory& directory, const std::string& attribute,
    std::string_view value, long written, int error)
{
    if (written < 0)
        throw kernel_error(error,
            "Cannot write '" + std::string(value) + "' to", directory.path(),
            attribute);
    if (static_cast<std::size_t>(written) != value.size())
        throw kernel_error(EIO, "Only a part of the value was written to",
            directory.path(), attribute);
}

}

Sysfs::~Sysfs() = default;

std::optional<std::string> Sysfs::read(
    const Directory& directory, const std::string& attribute)
{
    std::string buffer;
    return read(directory, attribute, buffer);
}

std::optional<std::string> Sysfs::read(const Directory& directory,
    const std::string& attribute, std::string& buffer)
{
    // sysfs has files, directories and links, and nothing else that could be
    // read.
    const auto text = directory.read(
        attribute.c_str(), EntryKind::file, attribute_limit, buffer);
    if (!text)
        return {};
    return std::string(trimmed(*text));
}

std::string Sysfs::read_below(
    const Directory& directory, const std::string& attribute)
{
    const auto fd = open_attribute(directory, attribute, O_RDONLY);
    return read_open_file(fd, attribute_limit, directory.path() / attribute);
}

void Sysfs::write(const Directory& directory, const std::string& attribute,
    std::string_view value) const
{
    const auto fd = open_attribute(directory, attribute, O_WRONLY);
    // Not repeated after EINTR: the driver may have acted on the value already,
    // and removing a device twice, for example, would report a wrong error.
    const auto written = ::write(fd.number(), value.data(), value.size());
    check_written(directory, attribute, value, written, errno);
}

bool Sysfs::write_apart(const Directory& directory,
    const std::string& attribute, std::string_view value,
    const std::function<bool(int)>& wait) const
{
    const auto fd = open_attribute(directory, attribute, O_WRONLY);
    const auto begun = DetachedWrite::begin(fd.number(), value);
    if (begun && !wait(begun->descriptor()))
        return false;
    const auto end = begun ? begun->end() : DetachedWrite::End{};
    if (end.is_begun != 0)
        check_written(directory, attribute, value, end.written, end.error);
    else
        Sysfs::write(directory, attribute, value);
    return true;
}

void check_writable(const std::filesystem::path& path)
{
    if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0 &&
        (errno == EACCES || errno == EPERM || errno == EROFS))
        throw kernel_error("Cannot write to", path);
}

}
