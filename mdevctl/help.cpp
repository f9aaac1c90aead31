// SPDX-License-Identifier: LGPL-2.1-or-later
#include "help.hpp"

#include "exit_code.hpp"
#include "screen.hpp"

#include <mdev/version.hpp>

#include <algorithm>
#include <unistd.h>

namespace {

constexpr std::size_t column = 24;

/// Appends the words of the text, in lines that fit on stdout; each line after
/// the first begins with `indent` blanks.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent)
{
    static const auto width = text_width(STDOUT_FILENO);
    std::string separator;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        const auto used = out.size() - (out.rfind('\n') + 1);
        if (used + separator.size() + word.size() > width)
            separator = "\n" + std::string(indent, ' ');
        out.append(separator).append(word);
        separator = " ";
    }
    out += '\n';
}

/// Appends `left`, and `right` in the second column: on the next line if `left`
/// is too long.
void append_row(
    std::string& out, const std::string& left, std::string_view right)
{
    out += left;
    if (left.size() + 2 > column)
        out.append("\n").append(column, ' ');
    else
        out.append(column - left.size(), ' ');
    append_wrapped(out, right, column);
}

void append_option(std::string& out, const Option& option)
{
    std::string left = "  ";
    left += option.letter != 0 ? std::string{'-', option.letter, ','} : "   ";
    left.append(" --").append(option.name);
    if (!option.value.empty())
        left.append(" ").append(option.value);
    append_row(out, left, option.help);
}

}

std::string command_help(const Command& command)
{
    std::string out(command.summary);
    out.append("\n\nUsage: ");
    append_wrapped(out, usage(command), 15);
    out.append("\n");
    append_wrapped(out, command.description, 0);
    out += "\nOptions:\n";
    for (const auto& option : command.options)
        append_option(out, option);
    append_option(out, help_option);
    if (!command.examples.empty())
        out += "\nExamples:\n";
    for (const auto& [line, meaning] : command.examples) {
        out.append("  ").append(line).append("\n");
        if (!meaning.empty())
            out.append("      ").append(meaning).append("\n");
    }
    return out;
}

std::string program_help()
{
    std::string out = "Manage mediated devices of the Linux kernel\n\n"
                      "Usage: mdevctl COMMAND [OPTIONS]\n"
                      "       lsmdev [OPTIONS]    (the same as mdevctl list)\n"
                      "\nCommands:\n";
    for (const auto& command : commands())
        if (command.is_listed)
            append_row(out, "  " + std::string(command.name), command.summary);
    append_row(out, "  help", "Show help for a command");
    append_row(out, "  version", "Print the version");
    out += "\nOptions:\n";
    append_option(out, help_option);
    append_option(out, version_option);
    out += "\nEnvironment:\n";
    append_row(out, "  MDEVCTL_LOG",
        "The lowest level of messages on stderr: error, warn (the default), "
        "info, debug or trace.");
    append_row(out, "  MDEVCTL_SCRIPT_TIMEOUT",
        "The time limit for each callout script and notifier in seconds; 60 by "
        "default.");
    append_row(out, "  NO_COLOR",
        "If set and not empty, colors are not used, unless --color enables "
        "them.");
    out += "\n";
    append_wrapped(out,
        "'mdevctl help exit-status' lists the exit codes; the manual is "
        "mdevctl(8).",
        0);
    return out;
}

/// Only this help and the manual list the exit codes: there are many, and they
/// are for scripts.
std::string exit_status_help()
{
    std::string out = "Exit status:\n";
    for (const auto& code : exit_codes())
        append_row(out, "  " + std::to_string(code.number), code.meaning);
    return out;
}

std::string help(const std::vector<std::string>& words)
{
    // These two have no help of their own.
    if (words.empty() || words == std::vector<std::string>{"help"} ||
        words == std::vector<std::string>{"version"})
        return program_help();
    if (words.size() > 1)
        throw UsageError(nullptr, "Unexpected word '" + words[1] + "'");
    if (words.front() == "exit-status")
        return exit_status_help();
    return command_help(needed_command(words.front()));
}

std::string version_line(const std::string& program)
{
    return program + " " + mdev::version() + "\n";
}
