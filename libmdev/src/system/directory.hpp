// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// `other` is what must be opened to be known, such as a link.
enum class EntryKind { directory, file, other };

struct Entry {
    std::string name;
    EntryKind kind;
};

/// An open directory. A name given to it is a single component, or a relative
/// path that this library wrote itself.
class Directory {
public:
    /// Nothing if there is no directory of that path.
    static std::optional<Directory> at(const std::filesystem::path& path);
    /// As `mkdir -p`, mode 0755 under the umask.
    static Directory make(const std::filesystem::path& path);

    /// A directory below this one, nothing if there is none.
    std::optional<Directory> find(const std::string& name) const;
    /// Whether there is one, which can be opened; throws Error as `find`.
    bool has_directory(const std::string& name) const;
    /// Every entry but `.` and `..`, in no order.
    std::vector<Entry> entries() const;
    /// The same, each when it is read; the name is good for the call only.
    void each_entry(
        const std::function<void(const char*, EntryKind)>& take) const;
    /// The whole file, nothing if there is none. Throws Error if it is no
    /// regular file or larger than `limit` bytes.
    std::optional<std::string> read(
        const std::string& name, std::size_t limit) const;
    /// The same into a string that is used again and again; false if there is
    /// none.
    bool read(const char* name, std::size_t limit, std::string& content) const;
    /// What a symbolic link says, nothing if there is none of that name.
    std::optional<std::string> link_target(const std::string& name) const;
    /// LiveScope for a link that leads nowhere.
    bool exists(const char* name) const;
    bool exists(const std::string& name) const { return exists(name.c_str()); }

    const std::filesystem::path& path() const noexcept { return path_; }
    int number() const noexcept { return fd_.number(); }

private:
    Directory(FileDescriptor fd, std::filesystem::path path) noexcept;
    FileDescriptor open_below(const std::string& name) const;

    FileDescriptor fd_;
    std::filesystem::path path_;
};

/// The file, pipe or device at `path`, read to its end; throws Error if there
/// is none, if it holds more than `limit` bytes or if nothing comes for 10 s.
std::string read_file(const std::filesystem::path& path, std::size_t limit);

}
