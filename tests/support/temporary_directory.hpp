// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mdev::test {

/// An empty directory that is removed at the end, with all its contents.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

/// Writes a new file, and creates its parent directories.
void put_file(const std::filesystem::path& path, std::string_view content = {});

/// Creates a symbolic link, and its parent directories.
void put_link(
    const std::filesystem::path& path, const std::filesystem::path& target);

/// Returns the whole file. Throws std::runtime_error if it does not exist.
std::string file_content(const std::filesystem::path& path);

/// Returns the names in a directory, sorted.
std::vector<std::string> names_in(const std::filesystem::path& directory);

/// Returns the permission bits of a file or directory.
unsigned mode_of(const std::filesystem::path& path);

}
