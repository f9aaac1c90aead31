// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "completion.hpp"
#include "exit_code.hpp"
#include "help.hpp"
#include "output.hpp"

#include <mdev/version.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <unistd.h>

namespace {

using Words = std::vector<std::string>;

int print(const std::string& text)
{
    Output().text(text).send();
    return EXIT_SUCCESS;
}

std::string version_line(std::string_view program)
{
    return std::string(program) + " " + mdev::version() + "\n";
}

bool is_version(const std::string& word)
{
    return word == "-V" || word == "--version";
}

mdev::LogLevel log_level()
{
    constexpr std::array<std::string_view, 5> words = {
        "error", "warn", "info", "debug", "trace"};
    const char* wanted = std::getenv("MDEVCTL_LOG");
    if (!wanted)
        return mdev::LogLevel::warning;
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == wanted)
            return static_cast<mdev::LogLevel>(i);
    print_message("Warning",
        "MDEVCTL_LOG is '" + std::string(wanted) +
            "', not one of error, warn, info, debug and trace");
    return mdev::LogLevel::warning;
}

std::optional<std::chrono::seconds> script_timeout()
{
    const char* wanted = std::getenv("MDEVCTL_SCRIPT_TIMEOUT");
    if (!wanted)
        return {};
    const std::string_view text(wanted);
    int seconds = 0;
    const auto [at, error] =
        std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && at == text.data() + text.size() && seconds > 0)
        return std::chrono::seconds(seconds);
    print_message("Warning",
        "MDEVCTL_SCRIPT_TIMEOUT is '" + std::string(text) +
            "', not a number of seconds");
    return {};
}

/// Whether this runs in a script whose caller has locked the same store.
bool is_lock_held(const std::filesystem::path& root)
{
    const char* locked = std::getenv("MDEVCTL_LOCKED_ROOT");
    return locked && std::filesystem::absolute(root) == locked;
}

std::filesystem::path root()
{
    const char* given = std::getenv("MDEVCTL_ENV_ROOT");
    return given ? given : "/";
}

mdev::Environment environment()
{
    auto env = mdev::Environment(root()).with_log(log_to_stderr(log_level()));
    if (const auto limit = script_timeout())
        env = env.with_script_timeout(*limit);
    return is_lock_held(root()) ? env.with_lock_held() : env;
}

const Command& needed_command(const std::string& name)
{
    if (const auto* command = find_command(name))
        return *command;
    throw UsageError(nullptr, "there is no command '" + name + "'");
}

int run(const Command& command, const Words& words)
{
    auto line = read_command_line(command, words);
    if (line.values.contains(help_option.name))
        return print(command_help(command));
    const Arguments arguments(command, std::move(line));
    return command.run(environment(), arguments);
}

int help(const Words& words)
{
    if (words.empty())
        return print(program_help());
    if (words.size() > 1)
        throw UsageError(nullptr, "unexpected word '" + words[1] + "'");
    return print(command_help(needed_command(words.front())));
}

int run_mdevctl(Words words)
{
    if (words.empty()) {
        Output().text(program_help()).send(STDERR_FILENO);
        return exit_usage;
    }
    const auto first = words.front();
    words.erase(words.begin());
    if (first == "-h" || first == "--help")
        return print(program_help());
    if (is_version(first))
        return print(version_line("mdevctl"));
    if (first == "help")
        return help(words);
    if (first == "complete")
        return print(completions(words, mdev::Environment(root())));
    return run(needed_command(first), words);
}

int run_lsmdev(const Words& words)
{
    if (words.size() == 1 && is_version(words.front()))
        return print(version_line("lsmdev"));
    return run(needed_command("list"), words);
}

/// Where a stream is closed, the next file that is opened would be taken for
/// it, and our words would be written to a device.
void occupy_streams()
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int explain(const UsageError& error)
{
    std::string hint = "mdevctl ";
    if (error.command())
        hint.append(error.command()->name).append(" ");
    print_message("Error", error.what());
    print_message("Hint", "read '" + hint + "--help'");
    return exit_usage;
}

}

int main(int argc, char** argv)
try {
    occupy_streams();
    // Whoever started us may not want to know how its children end; we do.
    (void)std::signal(SIGCHLD, SIG_DFL);
    const std::string_view program(argc > 0 ? argv[0] : "");
    const Words words(argv + std::min(argc, 1), argv + argc);
    const auto name = program.substr(program.rfind('/') + 1);
    return name == "lsmdev" ? run_lsmdev(words) : run_mdevctl(words);
} catch (const UsageError& error) {
    return explain(error);
} catch (const mdev::Error& error) {
    print_message("Error", error.what());
    return exit_code(error);
} catch (const std::exception& error) {
    print_message("Error", error.what());
    return EXIT_FAILURE;
}
