// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit_sandbox.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
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

/// The files of the unit as systemd reads them, with what the administrator has
/// added or put in their place.
std::string unit_files()
{
    constexpr const char* unit = "mdevctl-start-parent@.service";
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw_errno(unit, "Cannot make a pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::array<std::string, 4> words = {"systemctl", "--no-pager", "cat", unit};
    std::array<char*, 5> arguments{};
    std::transform(words.begin(), words.end(), arguments.begin(),
        [](auto& word) { return word.data(); });
    pid_t child = 0;
    errno = posix_spawnp(
        &child, "systemctl", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (errno != 0)
        throw_errno("systemctl", "Cannot execute systemctl");
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 0;
         (got = read(ends[0], buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(got));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0)
        throw std::runtime_error(std::string("Cannot read the settings of ") +
            unit + "; systemctl says why");
    return text;
}

/// What the unit forbids: the lines of its sections `[Service]`, which
/// systemd-run(1) takes as they are.
std::vector<std::string> sandbox()
{
    std::istringstream files(unit_files());
    std::vector<std::string> properties;
    bool is_service = false;
    for (std::string line; std::getline(files, line);) {
        for (std::string more;
             line.ends_with('\\') && std::getline(files, more);)
            line.replace(line.size() - 1, 1, ' ' + more);
        if (line.starts_with('['))
            is_service = line == "[Service]";
        else if (is_service && !line.empty() && line.front() != '#' &&
            line.front() != ';' && !is_life_cycle(line))
            properties.push_back("--property=" + line);
    }
    return properties;
}

}

void run_as_unit(const std::vector<std::string>& words)
{
    auto properties = sandbox();
    std::vector<std::string> line = {
        "systemd-run", "--quiet", "--collect", "--pipe", "--wait"};
    for (const char* variable :
        {"MDEVCTL_ENV_ROOT", "MDEVCTL_LOG", "MDEVCTL_SCRIPT_TIMEOUT"})
        if (const char* value = secure_getenv(variable))
            line.push_back(std::string("--setenv=") + variable + "=" + value);
    for (auto& property : properties)
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
