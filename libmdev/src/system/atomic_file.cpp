// SPDX-License-Identifier: LGPL-2.1-or-later
#include "atomic_file.hpp"

#include "kernel_error.hpp"
#include "write_all.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <linux/fs.h>
#include <optional>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace mdev {

namespace {

/// Hidden, so that readers ignore the file. One name is enough: writers exclude
/// each other, and a fixed name lets the next writer find and remove what a
/// killed one has left.
constexpr const char* temporary_name = ".mdevctl-new";
/// Of a file that replaces none, under the umask.
constexpr mode_t new_mode = 0644;

void write_synced(int fd, std::string_view content, const Directory& directory,
    const std::string& name)
{
    if (!write_all(fd, content) || !is_synced(fd))
        throw kernel_error("Cannot write", directory.path(), name);
}

/// Syncs the directory after a change that has already been made and is
/// visible. The change cannot be undone (the old content is gone), so the error
/// says that the change was made.
void sync_after(
    const Directory& directory, const std::string& name, const char* verb)
try {
    directory.sync();
} catch (const Error& error) {
    throw with_context(error,
        (directory.path() / name).string() + " is " + verb +
            ", but the change may be lost if the host crashes");
}

/// A temporary file that is removed again unless it has been renamed.
class Temporary {
public:
    Temporary(const Directory& directory, mode_t mode) : directory_(directory)
    {
        bool is_made = create(mode);
        if (!is_made && errno == EEXIST) {
            remove_leftover(directory);
            is_made = create(mode);
        }
        if (!is_made)
            throw change_error(
                "Cannot create", directory.path(), temporary_name);
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary()
    {
        if (!renamed_)
            unlinkat(directory_.number(), temporary_name, 0);
    }

    int number() const noexcept { return fd_.number(); }

    /// Gives the file its final name. Returns false if `name` is taken and
    /// `flags` forbid to replace it. The descriptor is closed first: closing
    /// after the rename would raise a second event (IN_CLOSE_WRITE) for
    /// watchers of `name`.
    bool rename(const std::string& name, unsigned flags)
    {
        fd_ = FileDescriptor();
        const int at = directory_.number();
        // Some C libraries have no renameat2().
        const auto result = flags == 0
            ? renameat(at, temporary_name, at, name.c_str())
            : syscall(
                  SYS_renameat2, at, temporary_name, at, name.c_str(), flags);
        renamed_ = result == 0;
        if (renamed_)
            return true;
        // Some file systems do not support RENAME_NOREPLACE, such as NFS.
        // link(2) does not replace a file either. `renamed_` stays false in
        // this branch, on purpose: the temporary name still exists, as a second
        // link, and the destructor removes it.
        if (flags != 0 && errno == EINVAL &&
            linkat(at, temporary_name, at, name.c_str(), 0) == 0)
            return true;
        if (errno == EEXIST)
            return false;
        throw change_error("Cannot create", directory_.path(), name);
    }

private:
    /// Returns false, with errno, if it fails. O_EXCL and O_NOFOLLOW: if
    /// another user has replaced the temporary file by a link, nothing is
    /// written through the link.
    bool create(mode_t mode)
    {
        fd_ = FileDescriptor(openat(directory_.number(), temporary_name,
            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
        return static_cast<bool>(fd_);
    }

    const Directory& directory_;
    FileDescriptor fd_;
    bool renamed_ = false;
};

/// Whether the file system has no O_TMPFILE. EOPNOTSUPP is the documented
/// answer; EISDIR and EINVAL come from file systems and kernels that do not
/// know the flag, ignore it and see a directory opened for writing.
bool knows_no_unnamed_files(int error)
{
    return error == EOPNOTSUPP || error == EISDIR || error == EINVAL;
}

/// Writes a file without a name (O_TMPFILE) and links it to its name when it is
/// complete. Watchers see one event and never a temporary name, and a killed
/// writer leaves nothing behind. Returns false if the name is taken, and
/// nothing if this system cannot do that: the caller then uses a temporary
/// name.
std::optional<bool> create_unnamed(const Directory& directory,
    const std::string& name, std::string_view content)
{
    const FileDescriptor fd(openat(
        directory.number(), ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, new_mode));
    if (!fd && knows_no_unnamed_files(errno))
        return {};
    if (!fd)
        throw change_error("Cannot create", directory.path(), name);
    write_synced(fd.number(), content, directory, name);
    // linkat() with AT_EMPTY_PATH would need no /proc, but CAP_DAC_READ_SEARCH,
    // which a service or a container may lack.
    const auto self = "/proc/self/fd/" + std::to_string(fd.number());
    if (linkat(AT_FDCWD, self.c_str(), directory.number(), name.c_str(),
            AT_SYMLINK_FOLLOW) == 0)
        return true;
    if (errno == EEXIST)
        return false;
    if (errno == ENOENT) // a chroot without /proc
        return {};
    throw change_error("Cannot create", directory.path(), name);
}

/// Creates the file under the temporary name and renames it. RENAME_NOREPLACE
/// keeps the promise of create_file() against a writer that ignores the lock.
bool create_named(const Directory& directory, const std::string& name,
    std::string_view content)
{
    Temporary temporary(directory, new_mode);
    write_synced(temporary.number(), content, directory, name);
    return temporary.rename(name, RENAME_NOREPLACE);
}

}

bool create_file(const Directory& directory, const std::string& name,
    std::string_view content)
{
    remove_leftover(directory);
    const auto unnamed = create_unnamed(directory, name, content);
    if (!unnamed.value_or(true))
        return false;
    if (!unnamed && !create_named(directory, name, content))
        return false;
    // The name exists, but a crash could still remove it: take the change back,
    // so that an error means that nothing has changed. Nobody can have relied
    // on the file: the command has not reported success yet.
    try {
        directory.sync();
    } catch (const Error&) {
        unlinkat(directory.number(), name.c_str(), 0);
        throw;
    }
    return true;
}

void replace_file(const Directory& directory, const std::string& name,
    std::string_view content, const Warning& warn)
{
    const auto old = FileAttributes::of(directory, name);
    // No other user can open the file until it has the permissions of the old
    // one: a process that has it open before could read the new content.
    Temporary temporary(directory, old ? 0600 : new_mode);
    if (old)
        old->give_to(temporary.number(), warn);
    write_synced(temporary.number(), content, directory, name);
    // Without flags the rename replaces an existing file and never returns
    // false.
    temporary.rename(name, 0);
    sync_after(directory, name, "replaced");
}

bool remove_file(const Directory& directory, const std::string& name)
{
    if (unlinkat(directory.number(), name.c_str(), 0) == 0) {
        sync_after(directory, name, "removed");
        return true;
    }
    if (errno == ENOENT)
        return false;
    throw change_error("Cannot remove", directory.path(), name);
}

void remove_leftover(const Directory& directory)
{
    if (unlinkat(directory.number(), temporary_name, 0) != 0 && errno != ENOENT)
        throw change_error("Cannot remove", directory.path(), temporary_name);
}

}
