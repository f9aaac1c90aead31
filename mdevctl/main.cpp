// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "completion.hpp"
#include "exit_code.hpp"
#include "help.hpp"
#include "output.hpp"
#include "settings.hpp"
#include "streams.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace {

using Words = std::vector<std::string>;

int print(const std::string& text)
{
    Output().text(text).send();
    return EXIT_SUCCESS;
}

/// Runs a command of `program`, which is the name for its version.
int run(const Command& command, const std::string& program, const Words& words)
{
    auto line = read_command_line(command, words);
    if (line.values.contains(help_option.name))
        return print(command_help(command));
    if (line.values.contains(version_option.name))
        return print(version_line(program));
    const Arguments arguments(command, std::move(line));
    return command.run(environment(), arguments);
}

int run_mdevctl(Words words)
{
    if (words.empty()) {
        write_all(STDERR_FILENO, program_help());
        return exit_usage;
    }
    const auto first = words.front();
    words.erase(words.begin());
    // The first letter of a group decides, as in `-hV`.
    const bool is_group =
        first.size() > 1 && first.find_first_not_of("hV", 1) == first.npos;
    const auto letter = is_group && first.front() == '-' ? first[1] : '\0';
    if (letter == help_option.letter || first == "--help")
        return print(program_help());
    if (first == "help")
        return print(help(words));
    if (letter == version_option.letter || first == "--version")
        return print(version_line("mdevctl"));
    if (first == "complete")
        return print(completions(words, mdev::Environment(root_directory())));
    return run(needed_command(first), "mdevctl-" + first, words);
}

}

int main(int argc, char** argv)
try {
    occupy_streams();
    // A parent that ignores SIGCHLD passes that on, and the exit status of
    // scripts would be lost.
    (void)std::signal(SIGCHLD, SIG_DFL);
    // A file that reaches its limit (RLIMIT_FSIZE) is an error of the write,
    // which a message can name; the signal would end a command before `post`.
    (void)std::signal(SIGXFSZ, SIG_IGN);
    const std::string_view program(argc > 0 ? argv[0] : "");
    const Words words(argv + std::min(argc, 1), argv + argc);
    const auto name = program.substr(program.rfind('/') + 1);
    return name == "lsmdev" ? run(*find_command("list"), "lsmdev", words)
                            : run_mdevctl(words);
} catch (const std::exception& error) {
    return explain(error);
}
