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

int run(const std::string& name, const Words& words)
{
    const auto& command = needed_command(name);
    auto line = read_command_line(command, words);
    if (line.values.contains(help_option.name))
        return print(command_help(command));
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
    if (first == "-h" || first == "--help")
        return print(program_help());
    if (first == "help")
        return print(help(words));
    if (first == "-V" || first == "--version")
        return print(version_line("mdevctl"));
    if (first == "complete")
        return print(completions(words, mdev::Environment(root_directory())));
    return run(first, words);
}

int run_lsmdev(const Words& words)
{
    if (words == Words{"-V"} || words == Words{"--version"})
        return print(version_line("lsmdev"));
    return run("list", words);
}

}

int main(int argc, char** argv)
try {
    occupy_streams();
    // A parent that ignores SIGCHLD passes that on, and the exit status of
    // scripts would be lost.
    (void)std::signal(SIGCHLD, SIG_DFL);
    const std::string_view program(argc > 0 ? argv[0] : "");
    const Words words(argv + std::min(argc, 1), argv + argc);
    const auto name = program.substr(program.rfind('/') + 1);
    return name == "lsmdev" ? run_lsmdev(words) : run_mdevctl(words);
} catch (const std::exception& error) {
    return explain(error);
}
