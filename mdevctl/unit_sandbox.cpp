// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit_sandbox.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <unistd.h>

namespace {

[[noreturn]] void throw_errno(
    const std::string& subject, const std::string& what)
{
    throw mdev::Error(
        std::error_code(errno, std::system_category()), subject, what);
}

/// Whether a line of the unit is about when the service runs and what, and not
/// about what it may do.
bool is_life_cycle(std::string_view line)
{
    constexpr std::array<std::string_view, 6> settings = {"Type=",
        "RemainAfterExit=", "Exec", "Restart", "SuccessExitStatus=", "Timeout"};
    return std::any_of(settings.begin(), settings.end(),
        [&](auto setting) { return line.starts_with(setting); });
}

/// What the unit forbids: the lines of its section `[Service]`, which
/// systemd-run(1) takes as they are.
std::vector<std::string> sandbox(const std::filesystem::path& unit)
{
    std::ifstream file(unit);
    if (!file)
        throw_errno(unit.string(), "Cannot read " + unit.string());
    std::vector<std::string> properties;
    bool is_service = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('['))
            is_service = line == "[Service]";
        else if (is_service && !line.empty() && line.front() != '#' &&
            !is_life_cycle(line))
            properties.push_back("--property=" + line);
    }
    return properties;
}

}

void run_as_unit(
    const std::filesystem::path& root, const std::vector<std::string>& words)
{
    const auto unit = root /
        std::filesystem::path(MDEVCTL_UNIT_DIRECTORY).relative_path() /
        "mdevctl-start-parent@.service";
    std::vector<std::string> line = {
        "systemd-run", "--quiet", "--collect", "--pipe", "--wait"};
    for (const char* variable :
        {"MDEVCTL_ENV_ROOT", "MDEVCTL_LOG", "MDEVCTL_SCRIPT_TIMEOUT"})
        if (const char* value = secure_getenv(variable))
            line.push_back(std::string("--setenv=") + variable + "=" + value);
    for (auto& property : sandbox(unit))
        line.push_back(std::move(property));
    line.emplace_back("--");
    line.push_back(std::filesystem::read_symlink("/proc/self/exe"));
    line.insert(line.end(), words.begin(), words.end());
    std::vector<char*> arguments;
    for (auto& word : line)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execvp(arguments.front(), arguments.data());
    throw_errno("systemd-run", "Cannot run systemd-run");
}
