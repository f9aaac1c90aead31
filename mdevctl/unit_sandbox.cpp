// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unit_sandbox.hpp"

#include "text.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Words = std::vector<std::string>;

/// As exec(3) wants words: valid as long as they are.
std::vector<char*> pointers(Words& words)
{
    std::vector<char*> list;
    for (auto& word : words)
        list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

[[noreturn]] void throw_errno(
    const std::string& subject, const std::string& what)
{
    throw mdev::Error(
        std::error_code(errno, std::system_category()), subject, what);
}

/// What systemctl(1) prints for these words.
std::string systemctl(const Words& words)
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw_errno("systemctl", "Cannot create a pipe for systemctl");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    Words line = {"systemctl", "--no-pager"};
    line.insert(line.end(), words.begin(), words.end());
    pid_t child = 0;
    errno = posix_spawnp(
        &child, "systemctl", &actions, nullptr, pointers(line).data(), environ);
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
        throw std::runtime_error(
            "Cannot read the settings of mdevctl-start-parent@.service; see "
            "the error of systemctl");
    return text;
}

/// Whether a setting says when and what the service runs, and does not restrict
/// it.
bool is_life_cycle(std::string_view name)
{
    constexpr std::array<std::string_view, 6> beginnings = {"Type",
        "RemainAfterExit", "Exec", "Restart", "SuccessExitStatus", "Timeout"};
    return std::any_of(beginnings.begin(), beginnings.end(),
        [&](auto beginning) { return name.starts_with(beginning); });
}

/// The names of the settings that the unit's files and the administrator's
/// additions make in the section `[Service]`, with commas between them.
std::string settings_made()
{
    const auto files = systemctl({"cat", "mdevctl-start-parent@.service"});
    std::string names;
    bool is_service = false;
    for (const auto line : mdev::split(files, '\n')) {
        const auto name = line.substr(0, line.find('='));
        if (line.starts_with('['))
            is_service = line == "[Service]";
        else if (is_service && name != line && line.front() != '#' &&
            line.front() != ';' && !is_life_cycle(name))
            names.append(names.empty() ? "" : ",").append(name);
    }
    return names;
}

/// What the unit forbids, as options of systemd-run(1). Their values are those
/// that systemd makes of all lines: an option that is repeated does not mean
/// what repeated lines of a file mean.
Words sandbox()
{
    const auto values = systemctl({"show", "--property=" + settings_made(),
        "mdevctl-start-parent@mdevctl-test-callout.service"});
    Words options;
    for (const auto line : mdev::split(values, '\n'))
        if (!line.ends_with('='))
            options.push_back(std::string("--property=").append(line));
    return options;
}

}

void run_as_unit(const std::vector<std::string>& words)
{
    Words line = {"systemd-run", "--quiet", "--collect", "--pipe", "--wait"};
    for (const char* variable :
        {"MDEVCTL_ENV_ROOT", "MDEVCTL_LOG", "MDEVCTL_SCRIPT_TIMEOUT"})
        if (const char* value = secure_getenv(variable))
            line.push_back(std::string("--setenv=") + variable + "=" + value);
    const auto options = sandbox();
    line.insert(line.end(), options.begin(), options.end());
    line.emplace_back("--");
    line.push_back(std::filesystem::read_symlink("/proc/self/exe"));
    line.insert(line.end(), words.begin(), words.end());
    execvp(line.front().c_str(), pointers(line).data());
    throw_errno("systemd-run", "Cannot execute systemd-run");
}
