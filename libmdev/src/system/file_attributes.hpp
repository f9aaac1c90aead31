// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <sys/stat.h>

namespace mdev {

/// Called with a sentence for the administrator.
using Warning = std::function<void(const std::string&)>;

/// The owner, the mode and the extended attributes of a file; the ACL and the
/// SELinux context are extended attributes. An administrator may have changed
/// who can read a definition, and the file that replaces it must keep these
/// settings.
class FileAttributes {
public:
    /// The attributes of a file; of a link, those of its target, which decide
    /// who may read the content. Nothing if there is no regular file.
    static std::optional<FileAttributes> of(
        const Directory& directory, const std::string& name);

    /// Gives the attributes to an open file, which is new and empty: the new
    /// content is never readable for more users than the old one was. Throws
    /// Error if the owner, the mode, the ACL or a security label cannot be
    /// kept. Calls `warn` for any other attribute that cannot be kept.
    void give_to(int fd, const Warning& warn) const;

private:
    FileAttributes() = default;

    std::filesystem::path path_;
    struct stat status_ {};
    std::map<std::string, std::string> extended_;
};

}
