// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command.hpp"
#include "command_line.hpp"
#include "output.hpp"
#include "rows.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>

namespace {

/// Some of the rows, made when they are needed: making the rows of all commands
/// takes a large part of the time of a short command.
template <std::vector<Command> (*make_rows)()>
const std::vector<Command>& rows_of()
{
    static const auto rows = make_rows();
    return rows;
}

/// In the order of help.
constexpr std::array all_rows = {rows_of<definition_rows>, rows_of<device_rows>,
    rows_of<list_rows>, rows_of<host_rows>};

std::vector<Command> make_table()
{
    std::vector<Command> table;
    for (const auto rows : all_rows)
        table.insert(table.end(), rows().begin(), rows().end());
    return table;
}

/// "'a', 'b' or 'c'".
std::string alternatives(const std::vector<std::string>& words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i)
        text.append(i == 0                 ? ""
                    : i + 1 < words.size() ? ", "
                                           : " or ")
            .append("'" + words[i] + "'");
    return text;
}

/// Returns the names of commands for which other programs use `word`.
std::vector<std::string> with_synonym(std::string_view word)
{
    std::vector<std::string> names;
    for (const auto& command : commands())
        if (std::find(command.synonyms.begin(), command.synonyms.end(), word) !=
            command.synonyms.end())
            names.emplace_back(command.name);
    return names;
}

/// For an option in the place of a command.
std::string commands_with_option(std::string_view word)
{
    const auto name = word.substr(0, word.find('='));
    std::vector<std::string> names;
    for (const auto& command : commands())
        for (const auto& option : command.options)
            if (command.is_listed &&
                (name == "--" + std::string(option.name) ||
                    (name.size() > 1 && name[0] == '-' && name[1] != '-' &&
                        option.letter == name[1])))
                names.emplace_back(command.name);
    std::string text =
        "The command is missing before '" + std::string(word) + "'";
    if (!names.empty())
        text += "; commands with this option are " + mdev::joined(names);
    return text;
}

/// How an option looks in a usage line.
std::string in_usage(const Command& command, std::string_view name)
{
    if (name == "uuid" && command.operands == Operands::uuids)
        return "UUID...";
    const auto* option = find_option(command, name);
    return "--" + std::string(name) +
        (option->value.empty() ? "" : " " + std::string(option->value));
}

/// One of several words, as in a usage line.
std::string one_of(const std::vector<std::string>& words)
{
    const auto list = joined(words, " | ");
    return words.size() == 1 ? " " + list : " {" + list + "}";
}

/// The options that `name` requires, as in a usage line. Omits the others of
/// `group`, which are required in its place and stand beside it.
std::string needed_in_usage(
    const Command& command, std::string_view name, const Rule& group)
{
    std::vector<std::string> words;
    for (const auto& rule : command.rules)
        if (rule.kind == Rule::Kind::needs && rule.option == name)
            for (const auto needed : rule.options)
                if (std::find(group.options.begin(), group.options.end(),
                        needed) == group.options.end())
                    words.push_back(in_usage(command, needed));
    return words.empty() ? "" : one_of(words);
}

}

const std::vector<Command>& commands()
{
    // Made on demand: --version does not need the table.
    static const auto table = make_table();
    return table;
}

const Command* find_command(std::string_view name)
{
    // From the end, because lists are the most frequent commands.
    for (auto rows = all_rows.rbegin(); rows != all_rows.rend(); ++rows)
        for (const auto& command : (*rows)())
            if (command.name == name)
                return &command;
    return nullptr;
}

const Command& needed_command(std::string_view name)
{
    if (const auto* command = find_command(name))
        return *command;
    if (name.size() > 1 && name.front() == '-')
        throw UsageError(nullptr, commands_with_option(name));
    std::string text = "Unknown command '" + std::string(name) + "'";
    if (const auto meant = with_synonym(name); !meant.empty())
        throw UsageError(
            nullptr, text + "; did you mean " + alternatives(meant) + "?");
    std::vector<std::string> names = {"help", "version"};
    for (const auto& command : commands())
        names.emplace_back(command.name);
    throw UsageError(nullptr, text + did_you_mean(name, names));
}

const Option* find_option(const Command& command, std::string_view name)
{
    for (const auto& option : command.options)
        if (option.name == name)
            return &option;
    return name == help_option.name ? &help_option : nullptr;
}

std::string usage(const Command& command)
{
    std::string text = "mdevctl " + std::string(command.name);
    bool has_operand = false;
    for (const auto& rule : command.rules) {
        if (rule.kind != Rule::Kind::any)
            continue;
        std::vector<std::string> words;
        for (const auto option : rule.options)
            words.push_back(in_usage(command, option) +
                needed_in_usage(command, option, rule));
        has_operand = has_operand || words.front() == "UUID...";
        text += one_of(words);
    }
    text += " [OPTIONS]";
    if (command.operands == Operands::one)
        text.append(" ").append(command.operand);
    else if (command.operands == Operands::uuids && !has_operand)
        text += " [UUID...]";
    return text;
}

std::string did_you_mean(
    std::string_view word, const std::vector<std::string>& names)
{
    std::vector<std::string> longer;
    std::copy_if(names.begin(), names.end(), std::back_inserter(longer),
        [&](const auto& name) { return name.starts_with(word); });
    const bool is_beginning = word.size() > 1 && longer.size() == 1;
    const auto found = is_beginning ? std::optional(longer.front())
                                    : mdev::suggestion(word, names);
    return found ? "; did you mean '" + *found + "'?" : "";
}
