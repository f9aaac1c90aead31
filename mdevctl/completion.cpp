// SPDX-License-Identifier: LGPL-2.1-or-later
#include "completion.hpp"

#include "output.hpp"

#include <algorithm>

namespace {

using Words = std::vector<std::string>;
using Candidates = std::vector<Candidate>;

/// A line up to the word that is completed.
struct Line {
    GivenOptions given;
    /// Whose value the next word must be; null if it is none.
    const Option* waiting = nullptr;
    std::size_t operands = 0;
    bool no_more_options = false;
};

void add_short(Line& line, const Command& command, std::string_view letters)
{
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const auto* option = find_option(command, letters[i]);
        if (!option)
            return;
        if (option->value.empty()) {
            line.given[option->name];
            continue;
        }
        auto value = letters.substr(i + 1);
        if (value.empty())
            line.waiting = option;
        else
            line.given[option->name] =
                value.substr(value.front() == '=' ? 1 : 0);
        return;
    }
}

void add_long(Line& line, const Command& command, std::string_view word)
{
    const auto equals = word.find('=');
    const auto* option = find_option(command, word.substr(0, equals));
    if (!option)
        return;
    if (equals != std::string_view::npos)
        line.given[option->name] = word.substr(equals + 1);
    else if (option->value.empty())
        line.given[option->name];
    else
        line.waiting = option;
}

Line read_line(const Command& command, const Words& words)
{
    Line line;
    for (const std::string_view word : words) {
        if (line.waiting) {
            line.given[line.waiting->name] = word;
            line.waiting = nullptr;
        } else if (line.no_more_options || word.size() < 2 || word[0] != '-')
            ++line.operands;
        else if (word == "--")
            line.no_more_options = true;
        else if (word[1] == '-')
            add_long(line, command, word.substr(2));
        else
            add_short(line, command, word.substr(1));
    }
    return line;
}

bool contains(
    const std::vector<std::string_view>& options, std::string_view option)
{
    return std::find(options.begin(), options.end(), option) != options.end();
}

/// Whether a rule forbids `option` beside `other`.
bool exclude_each_other(
    const Command& command, std::string_view option, std::string_view other)
{
    return std::any_of(
        command.rules.begin(), command.rules.end(), [&](const Rule& rule) {
            switch (rule.kind) {
            case Rule::Kind::one:
                return contains(rule.options, option) &&
                    contains(rule.options, other);
            case Rule::Kind::excludes:
                return (rule.option == option &&
                           contains(rule.options, other)) ||
                    (rule.option == other && contains(rule.options, option));
            default: return false;
            }
        });
}

Candidates option_candidates(const Command& command, const Line& line)
{
    Candidates found;
    const auto add = [&](const Option& option) {
        const bool possible = std::none_of(
            line.given.begin(), line.given.end(), [&](const auto& given) {
                return given.first == option.name ||
                    exclude_each_other(command, option.name, given.first);
            });
        if (possible)
            found.push_back(
                {"--" + std::string(option.name), std::string(option.help)});
    };
    for (const auto& option : command.options)
        add(option);
    add(help_option);
    return found;
}

Candidates operand_candidates(
    const Command& command, const Line& line, const mdev::Environment& env)
{
    if (line.operands > 0)
        return {};
    if (command.operand == "UUID")
        return values(command, "uuid", {}, env);
    if (command.operand == "PARENT")
        return present_parents(env);
    if (!command.operand.empty())
        return {{std::string(file_names), ""}};
    return {};
}

/// Values of `--name=VALUE`, the name before each of them.
Candidates joined_values(const Command& command, const Line& line,
    std::string_view word, const mdev::Environment& env)
{
    const auto equals = word.find('=');
    const auto name = word.substr(2, equals - 2);
    auto found = values(command, name, line.given, env);
    for (auto& candidate : found)
        if (candidate.word != file_names)
            candidate.word.insert(0, word.substr(0, equals + 1));
    return found;
}

Candidates command_line(
    const Command& command, Words words, const mdev::Environment& env)
{
    const auto last = words.back();
    words.pop_back();
    const auto line = read_line(command, words);
    if (line.waiting)
        return values(command, line.waiting->name, line.given, env);
    if (last.compare(0, 2, "--") == 0 && last.find('=') != std::string::npos)
        return joined_values(command, line, last, env);
    Candidates found;
    if (last.empty() || last.front() != '-')
        found = operand_candidates(command, line, env);
    if (!line.no_more_options && (found.empty() || last.empty()))
        for (auto& option : option_candidates(command, line))
            found.push_back(std::move(option));
    return found;
}

Candidates commands_and_help()
{
    Candidates found;
    for (const auto& command : commands())
        if (command.listed)
            found.push_back(
                {std::string(command.name), std::string(command.summary)});
    found.push_back({"help", "Print this text, or that of a command"});
    return found;
}

Candidate as_candidate(const Option& option)
{
    return {"--" + std::string(option.name), std::string(option.help)};
}

Candidates mdevctl_candidates(Words words, const mdev::Environment& env)
{
    const auto first = words.front();
    if (words.size() == 1)
        return first.compare(0, 1, "-") == 0
            ? Candidates{as_candidate(help_option),
                  as_candidate(version_option)}
            : commands_and_help();
    words.erase(words.begin());
    if (first == "help")
        return words.size() == 1 ? commands_and_help() : Candidates();
    const auto* command = find_command(first);
    return command ? command_line(*command, std::move(words), env)
                   : Candidates();
}

Candidates lsmdev_candidates(Words words, const mdev::Environment& env)
{
    const bool is_first = words.size() == 1;
    auto found = command_line(*find_command("list"), std::move(words), env);
    if (is_first)
        found.push_back(as_candidate(version_option));
    return found;
}

/// The first sentence, which is what fits beside a word.
std::string_view shortened(std::string_view text)
{
    const auto end = text.find(". ");
    return text.substr(0, end == std::string_view::npos ? end : end + 1);
}

}

std::string completions(
    const std::vector<std::string>& words, const mdev::Environment& env)
{
    if (words.size() < 2)
        return "";
    const auto& program = words.front();
    const Words line(words.begin() + 1, words.end());
    const auto candidates = program == "lsmdev" ? lsmdev_candidates(line, env)
                                                : mdevctl_candidates(line, env);
    std::string text;
    for (const auto& [word, meaning] : candidates) {
        const bool begins =
            word.compare(0, line.back().size(), line.back()) == 0;
        if (!begins && word != file_names)
            continue;
        text += harmless(word);
        if (!meaning.empty())
            text.append("\t").append(harmless(shortened(meaning)));
        text += '\n';
    }
    return text;
}
