// SPDX-License-Identifier: LGPL-2.1-or-later
#include "temporary_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

/// Some tests forbid themselves to read directories.
void open_up(const fs::path& directory)
{
    fs::permissions(directory, fs::perms::owner_all, fs::perm_options::add);
    for (const auto& entry : fs::directory_iterator(directory))
        if (fs::is_directory(entry.symlink_status()))
            open_up(entry);
}

}

TemporaryDirectory::TemporaryDirectory()
{
    auto pattern = (fs::temp_directory_path() / "mdev-unit-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
        throw std::system_error(errno, std::system_category(), pattern);
    path_ = pattern;
    // Tests that give up their privileges use the directory also.
    fs::permissions(path_, fs::perms(0755));
}

TemporaryDirectory::~TemporaryDirectory()
{
    try {
        open_up(path_);
        fs::remove_all(path_);
    } catch (const fs::filesystem_error&) {
        // The cleanup of the directory for temporary files removes the rest.
    }
}

void put_file(const fs::path& path, std::string_view content)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
}

void put_link(const fs::path& path, const fs::path& target)
{
    fs::create_directories(path.parent_path());
    fs::create_symlink(target, path);
}

std::string file_content(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw std::runtime_error("no file " + path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names_in(const fs::path& directory)
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

unsigned mode_of(const fs::path& path)
{
    return static_cast<unsigned>(fs::status(path).permissions());
}

}
