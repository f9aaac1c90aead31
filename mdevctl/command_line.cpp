// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command_line.hpp"

#include <algorithm>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>

namespace po = boost::program_options;

namespace {

// No abbreviations: once there is an option --parity, --par in somebody's
// script would no longer mean --parent.
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
    const auto name =
        word.substr(std::min(word.find_first_not_of('-'), word.size()));
    for (const auto& option : command.options)
        if (name.size() > 1 && option.name.starts_with(name))
            return "; did you mean " + dashed(option.name) + "?";
    return "";
}

class Reader {
public:
    explicit Reader(const Command& command) : command_(command) {}

    CommandLine read(const std::vector<std::string>& words)
    {
        const auto description = described(command_);
        const auto parsed = po::command_line_parser(words)
                                .options(description)
                                .style(style)
                                .allow_unregistered()
                                .extra_style_parser([this](auto& left) {
                                    return split_at_equals(left);
                                })
                                .run();
        line_.only_operands =
            std::find(words.begin(), words.end(), "--") != words.end();
        for (const auto& option : parsed.options)
            add(option);
        if (line_.only_operands)
            line_.waiting = nullptr;
        return std::move(line_);
    }

private:
    /// Reads `--NAME=VALUE` before Boost does, which throws if VALUE is empty
    /// or NAME is a flag.
    std::vector<po::option> split_at_equals(std::vector<std::string>& words)
    {
        const std::string word = words.front();
        const auto equals = word.find('=');
        if (!word.starts_with("--") || equals == std::string::npos)
            return {};
        words.erase(words.begin());
        const auto name = word.substr(2, equals - 2);
        po::option option(name, {word.substr(equals + 1)});
        option.original_tokens = {word};
        const auto* known = find_option(command_, name);
        if (name.empty())
            option.string_key = word;
        if (known && known->value.empty()) {
            option.value.clear();
            add_mistake("option " + dashed(name) + " takes no value");
        }
        return {option};
    }

    void add(const po::option& option)
    {
        line_.waiting = nullptr;
        // Flags of a group such as -dv do not have its word, the last one has.
        const auto word = option.original_tokens.empty()
            ? ""
            : option.original_tokens.front();
        if (option.string_key.empty())
            line_.operands.push_back(option.value.front());
        else if (option.unregistered || word.starts_with("---"))
            add_mistake("unexpected option '" + word + "'" +
                suggestion(command_, word));
        else
            add_known(option);
    }

    void add_known(const po::option& option)
    {
        const auto* known = find_option(command_, option.string_key);
        if (option.value.empty() && !known->value.empty()) {
            add_mistake("option " + dashed(known->name) + " needs a value");
            line_.waiting = known;
            return;
        }
        std::string value = option.value.empty() ? "" : option.value.front();
        // Boost reads -uVALUE, but does not know -u=VALUE.
        const auto& words = option.original_tokens;
        if (words.size() == 1 && !words.front().starts_with("--") &&
            value.starts_with('='))
            value.erase(0, 1);
        if (!line_.values.emplace(known->name, value).second)
            add_mistake("option " + dashed(known->name) + " is given twice");
    }

    void add_mistake(const std::string& sentence)
    {
        if (line_.mistake.empty())
            line_.mistake = sentence;
    }

    const Command& command_;
    CommandLine line_;
};

}

CommandLine read_command_line(
    const Command& command, const std::vector<std::string>& words)
{
    return Reader(command).read(words);
}

std::string dashed(std::string_view option)
{
    return "'--" + std::string(option) + "'";
}
