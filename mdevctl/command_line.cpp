// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command_line.hpp"

#include <algorithm>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>

namespace po = boost::program_options;

namespace {

// No abbreviations: if a later version added an option --parity, --par in a
// user's script would no longer mean --parent.
constexpr int style = po::command_line_style::allow_long |
    po::command_line_style::long_allow_adjacent |
    po::command_line_style::long_allow_next |
    po::command_line_style::allow_short |
    po::command_line_style::allow_dash_for_short |
    po::command_line_style::short_allow_adjacent |
    po::command_line_style::short_allow_next |
    po::command_line_style::allow_sticky;

/// The command's options in Boost's form. An implicit value makes the value
/// optional to Boost: it takes the next word only if that is not an option, and
/// leaves it to the reader to complain about a value that is missing.
po::options_description described(const Command& command)
{
    po::options_description description;
    const auto add = [&](const Option& option) {
        std::string names(option.name);
        if (option.letter != 0)
            names.append(",").append(1, option.letter);
        if (option.value.empty())
            description.add_options()(names.c_str(), "");
        else
            description.add_options()(names.c_str(),
                po::value<std::string>()->implicit_value(""), "");
    };
    for (const auto& option : command.options)
        add(option);
    add(help_option);
    return description;
}

std::string suggestion(const Command& command, const std::string& word)
{
    auto name = word.substr(std::min(word.find_first_not_of('-'), word.size()));
    name.erase(std::min(name.find('='), name.size()));
    if (name.size() < 2)
        return "";
    std::vector<std::string> names;
    for (const auto& option : command.options)
        names.emplace_back(option.name);
    auto text = did_you_mean(name, names);
    if (const auto at = text.find('\''); at != text.npos)
        text.insert(at + 1, "--");
    return text;
}

/// What to say of an option without its value. A word that begins with a dash
/// is not taken for the value of the option before it.
std::string missing_value(
    const Option& option, const std::vector<std::string>& words)
{
    const auto name = "--" + std::string(option.name);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const auto& word = words[i];
        const auto& next = words[i + 1];
        const bool is_option = word == name ||
            (option.letter != 0 && word.size() > 1 && word[0] == '-' &&
                word[1] != '-' && word.back() == option.letter);
        if (is_option && next.size() > 1 && next != "--" && next[0] == '-')
            return "'" + next + "' looks like an option; write " + name + "=" +
                next;
    }
    return "Option " + dashed(option.name) + " requires a value";
}

/// Reads `--NAME=VALUE` before Boost does, which throws if VALUE is empty or
/// NAME is a flag.
std::vector<po::option> read_at_equals(
    const Command& command, std::vector<std::string>& words)
{
    const std::string word = words.front();
    const auto split = split_at_equals(word);
    if (!split)
        return {};
    words.erase(words.begin());
    const auto name = split->option.substr(2);
    po::option option;
    // Boost would take "-r" of "---r=VALUE" for the option of that letter.
    option.string_key = name.empty() || name.starts_with('-') ? word : name;
    option.original_tokens = {word};
    const auto* known = find_option(command, name);
    if (!known || !known->value.empty())
        option.value = {split->value};
    return {option};
}

/// Adds an option or an operand to the line; returns the mistake, or an empty
/// text.
std::string add(CommandLine& line, const Command& command,
    const po::option& option, const std::vector<std::string>& words)
{
    line.waiting = nullptr;
    if (option.string_key.empty()) {
        line.operands.push_back(option.value.front());
        return "";
    }
    // Flags of a group such as -dv do not have its word; the last one has.
    const auto& tokens = option.original_tokens;
    const std::string word = tokens.empty() ? "" : tokens.front();
    if (option.unregistered || word.starts_with("---"))
        return "Unexpected option '" + word + "'" + suggestion(command, word);
    const auto& known = *find_option(command, option.string_key);
    const auto name = "Option " + dashed(known.name);
    if (option.value.empty() && !known.value.empty()) {
        line.waiting = &known;
        return missing_value(known, words);
    }
    std::string value = option.value.empty() ? "" : option.value.front();
    const bool is_long = word.starts_with("--");
    // Boost reads -uVALUE, but does not know -u=VALUE.
    if (!is_long && tokens.size() == 1 && value.starts_with('='))
        value.erase(0, 1);
    if (!line.values.emplace(known.name, value).second)
        return name + " is specified twice";
    const bool has_excess =
        known.value.empty() && is_long && word.find('=') != std::string::npos;
    return has_excess ? name + " takes no value" : "";
}

}

std::optional<OptionWithValue> split_at_equals(const std::string& word)
{
    const auto equals = word.find('=');
    if (!word.starts_with("--") || equals == std::string::npos)
        return {};
    return OptionWithValue{word.substr(0, equals), word.substr(equals + 1)};
}

CommandLine read_command_line(
    const Command& command, const std::vector<std::string>& words)
{
    if (words.empty())
        return {};
    const auto description = described(command);
    const auto parsed = po::command_line_parser(words)
                            .options(description)
                            .style(style)
                            .allow_unregistered()
                            .extra_style_parser([&](auto& left) {
                                return read_at_equals(command, left);
                            })
                            .run();
    CommandLine line;
    for (const auto& option : parsed.options) {
        const auto mistake = add(line, command, option, words);
        if (line.mistake.empty())
            line.mistake = mistake;
    }
    line.only_operands =
        std::find(words.begin(), words.end(), "--") != words.end();
    if (line.only_operands)
        line.waiting = nullptr;
    return line;
}

std::string dashed(std::string_view option)
{
    return "'--" + std::string(option) + "'";
}
