// SPDX-License-Identifier: LGPL-2.1-or-later
#include "script_directory.hpp"

#include "kernel_error.hpp"
#include "name.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <sys/stat.h>

namespace mdev {

namespace {

/// The endings that editors, rpm and dpkg give to files that do not count.
bool is_leftover(std::string_view name)
{
    constexpr std::array<std::string_view, 5> ends = {
        "~", ".bak", ".rpmsave", ".rpmnew", ".rpmorig"};
    return name.find(".dpkg-") != name.npos ||
        std::any_of(ends.begin(), ends.end(),
            [&](auto end) { return name.ends_with(end); });
}

}

std::string_view why_no_script(
    const Directory& directory, const std::string& name)
{
    struct stat status {};
    if (is_hidden(name))
        return "its name begins with a dot";
    if (is_leftover(name))
        return "it is left over from an editor or a package manager";
    // Links are followed: a package may link one script to several names. A
    // link to nothing is a script that cannot be executed: somebody wanted a
    // guard here, and a command must not go on without it.
    if (fstatat(directory.number(), name.c_str(), &status, 0) != 0)
        return directory.exists(name) ? "" : "it has been removed";
    if (!S_ISREG(status.st_mode))
        return "it is not a file";
    return (status.st_mode & 0111) == 0 ? "it is not executable" : "";
}

std::filesystem::path absolute_path(const std::filesystem::path& path)
{
    std::error_code error;
    auto found = std::filesystem::absolute(path, error);
    if (error)
        throw kernel_error(error.value(), "Cannot find", path);
    return found;
}

std::vector<std::filesystem::path> list_scripts(
    const std::vector<std::filesystem::path>& directories,
    const Environment& env)
{
    std::vector<std::filesystem::path> scripts;
    for (const auto& path : directories) {
        const auto directory = Directory::at(absolute_path(path));
        if (!directory)
            continue;
        // Sorted, and each once.
        std::set<std::string> names;
        directory->each_entry_despite_changes(
            [&](auto name, EntryKind) { names.emplace(name); });
        for (const auto& name : names) {
            const auto reason = why_no_script(*directory, name);
            if (reason.empty())
                scripts.push_back(directory->path() / name);
            else
                env.log(LogLevel::debug,
                    (directory->path() / name).string() +
                        " is not a script: " + std::string(reason));
        }
    }
    return scripts;
}

}
