// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "file_descriptor.hpp"

#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

// Files and directories relative to an open directory. A directory is opened
// once, and its entries are opened by their names in it. The path therefore
// cannot be exchanged for a link between a check and the use. The links in
// paths of sysfs, which are expensive to resolve, are resolved only once.
//
// Entries of sysfs and of the store vanish while they are read. Absence is
// therefore a result (nothing, false) and never an exception.

/// The type of an entry as the directory reports it. `other` includes symbolic
/// links and entries of unknown type (DT_UNKNOWN): the caller must open the
/// entry to learn its type.
enum class EntryKind { directory, file, other };

/// An entry of a directory, at the time when the directory was read.
struct Entry {
    std::string name;
    EntryKind kind;
};

/// An open directory. Names passed to it are single components, or relative
/// paths that this library has composed itself; names from outside are checked
/// before, see name.hpp.
class Directory {
public:
    /// Opens a directory; nothing if `path` does not exist or is not a
    /// directory. Throws Error if it cannot be opened for another reason.
    static std::optional<Directory> at(const std::string& path);
    /// Opens a directory, which is created with its parents if necessary (as
    /// `mkdir -p`, mode 0755 under the umask).
    static Directory make(const std::filesystem::path& path);
    /// The working directory, which need not be opened. Names in it may be
    /// whole paths: for a single access to a file, for which its directory need
    /// not be opened.
    static Directory working() { return {FileDescriptor(), ""}; }

    /// Opens a directory below this one; nothing if it does not exist.
    std::optional<Directory> find(const std::string& name) const;
    /// Whether a name is a directory, or a link to one. Does not open it, so
    /// that its mode does not matter. Throws Error if it cannot be examined.
    bool has_directory(const std::string& name) const;
    /// Every entry but `.` and `..`, in the order of the file system.
    std::vector<Entry> entries() const;
    /// Calls `take` for every entry but `.` and `..`. The name is valid during
    /// the call only. For directories with very many entries, where copying the
    /// names would take most of the time.
    void each_entry(
        const std::function<void(std::string_view, EntryKind)>& take) const;
    /// Calls `take` for each entry, and for some several times. Does not miss
    /// entries that another process replaces during the call. each_entry() can
    /// miss them: rename(2) may move an entry to a position that was already
    /// read (seen on btrfs and tmpfs).
    void each_entry_despite_changes(
        const std::function<void(std::string_view, EntryKind)>& take) const;
    /// Reads a whole file; nothing if it does not exist. Throws Error if it is
    /// not a regular file or is larger than `limit` bytes.
    std::optional<std::string> read(
        const std::string& name, std::size_t limit) const;
    /// Reads a whole file into the front of `buffer`, whose memory is used
    /// again from file to file. Returns what was read, or nothing if the file
    /// does not exist. Throws Error like the
    /// function above. EntryKind::file, if
    /// the directory or the file system says so, spares a system call; any
    /// other kind, a link for example, is examined.
    std::optional<std::string_view> read(const char* name, EntryKind kind,
        std::size_t limit, std::string& buffer) const;
    /// The text of a symbolic link; nothing if `name` does not exist or is not
    /// a link.
    std::optional<std::string> link_target(const std::string& name) const;
    /// The type of an entry; nothing if it does not exist or cannot be
    /// examined.
    std::optional<EntryKind> kind_of(const std::string& name) const;
    /// Whether an entry exists. A symbolic link exists even if its target does
    /// not.
    bool exists(const char* name) const;
    bool exists(const std::string& name) const { return exists(name.c_str()); }
    /// Whether `other` is the same directory, whatever its path. Throws Error.
    bool is_same(const Directory& other) const;
    /// Writes the names in this directory to disk, so that they survive a
    /// crash. fsync(2) of a file does not do that for the file's name.
    void sync() const;

    /// For messages, and for later use. The path is made on demand, because
    /// thousands of directories never need it.
    std::filesystem::path path() const { return path_; }
    int number() const noexcept { return fd_ ? fd_.number() : AT_FDCWD; }

private:
    Directory(FileDescriptor fd, std::string path) noexcept;

    FileDescriptor fd_;
    std::string path_;
    /// Whether the entries were read before: a Directory has one position.
    mutable bool is_read_ = false;
};

/// Writes a file or directory to disk (fsync(2)). Returns false, with errno, if
/// that fails: some file systems report a full disk, a quota or an I/O error
/// only here.
bool is_synced(int fd);

/// Reads the file, pipe or character device at `path` to its end, for example
/// /dev/stdin. Throws Error if it does not exist, if it holds more than `limit`
/// bytes, if a pipe delivers nothing for 10 s, or if the caller cancels.
std::string read_file(const std::filesystem::path& path, std::size_t limit,
    const Cancellation& cancellation = Cancellation());

/// The path of an open directory without symbolic links. Throws Error if the
/// directory has been removed.
std::filesystem::path real_path_of(const Directory& directory);

/// Reads an open regular file of at most `limit` bytes to its end; `path` is
/// for messages. Throws Error.
std::string read_open_file(const FileDescriptor& file, std::size_t limit,
    const std::filesystem::path& path);

}
