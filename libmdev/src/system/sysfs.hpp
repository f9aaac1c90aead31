// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mdev {

/// How a sysfs file is read and written. `write` is the seam where a test puts
/// a kernel of its own: everything else about sysfs is directories and files.
class Sysfs {
public:
    Sysfs() = default;
    Sysfs(const Sysfs&) = delete;
    Sysfs& operator=(const Sysfs&) = delete;
    virtual ~Sysfs();

    /// The attribute without white space around it; nothing if there is none.
    static std::optional<std::string> read(
        const Directory& directory, const std::string& attribute);
    /// The same with a buffer for the file, which can be used again.
    static std::optional<std::string> read(const Directory& directory,
        const std::string& attribute, std::string& buffer);

    /// One write(2) of `value` to an existing attribute, which may be a
    /// relative path but is never left: no symbolic link is followed, nothing
    /// above `directory` is reached, nothing is created. Throws Error.
    virtual void write(const Directory& directory, const std::string& attribute,
        std::string_view value) const;
};

}
