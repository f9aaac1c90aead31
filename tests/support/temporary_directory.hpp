// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mdev::test {

/// An empty directory that is removed, with all that is in it, in the end.
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

/// Writes a file anew, and makes the directories that lead to it.
void put_file(const std::filesystem::path& path, std::string_view content = {});

/// A symbolic link, and the directories that lead to it.
void put_link(
    const std::filesystem::path& path, const std::filesystem::path& target);

/// The whole file. Throws std::runtime_error if there is none.
std::string file_content(const std::filesystem::path& path);

/// The names in a directory, sorted.
std::vector<std::string> names_in(const std::filesystem::path& directory);

/// The permission bits of a file or directory.
unsigned mode_of(const std::filesystem::path& path);

}
