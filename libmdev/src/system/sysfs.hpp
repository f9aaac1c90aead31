// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mdev {

/// Reads and writes attributes of sysfs. write() is virtual: unit tests put a
/// fake kernel there, which creates and removes devices. Everything else about
/// sysfs is directories and files, which a test can make.
class Sysfs {
public:
    Sysfs() = default;
    Sysfs(const Sysfs&) = delete;
    Sysfs& operator=(const Sysfs&) = delete;
    virtual ~Sysfs();

    /// Reads an attribute, without white space around it; nothing if it does
    /// not exist.
    static std::optional<std::string> read(
        const Directory& directory, const std::string& attribute);
    /// Reads an attribute; `buffer` keeps its memory for the next one.
    static std::optional<std::string> read(const Directory& directory,
        const std::string& attribute, std::string& buffer);

    /// Reads an attribute unchanged. `attribute` may be a relative path, but it
    /// cannot leave `directory`; see write(). Throws Error.
    static std::string read_below(
        const Directory& directory, const std::string& attribute);

    /// Writes `value` to an existing attribute with one write(2): the kernel
    /// takes each write as one value. `attribute` may be a relative path, but
    /// it cannot leave `directory`: symbolic links are not followed, and
    /// nothing is created. Throws Error.
    virtual void write(const Directory& directory, const std::string& attribute,
        std::string_view value) const;

    /// Like write(), but another process makes the write(2), which a third
    /// process can block. Calls `wait` with a descriptor that becomes readable
    /// when the write is over. If `wait` returns false, returns false at once,
    /// and the write continues by itself. If no process can be created, does
    /// what write() does, and does not call `wait`.
    virtual bool write_apart(const Directory& directory,
        const std::string& attribute, std::string_view value,
        const std::function<bool(int)>& wait) const;
};

/// Throws Error with the kernel's reason if this process may not write to a
/// file or directory. Everything else passes, such as a file that does not
/// exist.
void check_writable(const std::filesystem::path& path);

}
