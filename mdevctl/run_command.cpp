// SPDX-License-Identifier: LGPL-2.1-or-later
#include "run_command.hpp"

#include "arguments.hpp"
#include "completion.hpp"
#include "exit_code.hpp"
#include "help.hpp"
#include "hints.hpp"
#include "output.hpp"
#include "settings.hpp"
#include "streams.hpp"

#include <algorithm>
#include <cstdlib>
#include <unistd.h>

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
    const auto said = environment();
    const Arguments arguments(command, std::move(line), said);
    const auto env = arguments.has("quiet") ? quiet(said) : said;
    try {
        return command.run(env, arguments);
    } catch (const mdev::Error& error) {
        throw with_advice(error, arguments, env);
    }
}

}

int run_lsmdev(const Words& words)
{
    return run(*find_command("list"), "lsmdev", words);
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
    if (letter == version_option.letter || first == "--version" ||
        first == "version")
        return print(version_line("mdevctl"));
    if (first == "complete")
        return print(completions(words, mdev::Environment(root_directory())));
    return run(needed_command(first), "mdevctl-" + first, words);
}