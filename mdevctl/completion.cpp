// SPDX-License-Identifier: LGPL-2.1-or-later
#include "completion.hpp"

#include "output.hpp"

#include <algorithm>

namespace {

using Words = std::vector<std::string>;
using Candidates = std::vector<Candidate>;

/// Whether a rule forbids the two options together.
bool exclude_each_other(
    const Command& command, std::string_view one, std::string_view other)
{
    return std::any_of(
        command.rules.begin(), command.rules.end(), [&](const Rule& rule) {
            const auto has = [&](std::string_view option) {
                return std::count(rule.options.begin(), rule.options.end(),
                           option) != 0;
            };
            if (rule.kind == Rule::Kind::one)
                return has(one) && has(other);
            return rule.kind == Rule::Kind::excludes &&
                ((rule.option == one && has(other)) ||
                    (rule.option == other && has(one)));
        });
}

Candidate as_candidate(const Option& option)
{
    return {"--" + std::string(option.name), std::string(option.help)};
}

void append_options(
    Candidates& found, const Command& command, const CommandLine& line)
{
    const auto add = [&](const Option& option) {
        const bool possible = std::none_of(
            line.values.begin(), line.values.end(), [&](const auto& given) {
                return given.first == option.name ||
                    exclude_each_other(command, option.name, given.first);
            });
        if (possible)
            found.push_back(as_candidate(option));
    };
    for (const auto& option : command.options)
        add(option);
    add(help_option);
}

Candidates command_candidates(
    const Command& command, Words words, const mdev::Environment& env)
{
    const auto last = words.back();
    words.pop_back();
    std::string prefix;
    if (const auto equals = last.find('=');
        last.starts_with("--") && equals != std::string::npos) {
        words.push_back(last.substr(0, equals));
        prefix = last.substr(0, equals + 1);
    }
    const auto line = read_command_line(command, words);
    if (line.waiting) {
        auto found = values(command, line.waiting->value, line, env);
        for (auto& candidate : found)
            if (candidate.word != file_names)
                candidate.word.insert(0, prefix);
        return found;
    }
    Candidates found;
    if (!last.starts_with('-') && line.operands.empty())
        found = values(command, command.operand, line, env);
    if (!line.only_operands && (found.empty() || last.empty()))
        append_options(found, command, line);
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

Candidates mdevctl_candidates(Words words, const mdev::Environment& env)
{
    const auto first = words.front();
    if (words.size() == 1 && first.starts_with('-'))
        return {as_candidate(help_option), as_candidate(version_option)};
    if (words.size() == 1 || (words.size() == 2 && first == "help"))
        return commands_and_help();
    words.erase(words.begin());
    const auto* command = find_command(first);
    return command ? command_candidates(*command, std::move(words), env)
                   : Candidates();
}

Candidates lsmdev_candidates(Words words, const mdev::Environment& env)
{
    const bool is_first = words.size() == 1;
    auto found =
        command_candidates(*find_command("list"), std::move(words), env);
    if (is_first)
        found.push_back(as_candidate(version_option));
    return found;
}

/// The first sentence: there is no room for more beside a word.
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
    const Words line(words.begin() + 1, words.end());
    const auto candidates = words.front() == "lsmdev"
        ? lsmdev_candidates(line, env)
        : mdevctl_candidates(line, env);
    std::string text;
    for (const auto& [word, meaning] : candidates) {
        if (!word.starts_with(line.back()) && word != file_names)
            continue;
        text += escaped(word);
        if (!meaning.empty())
            text.append("\t").append(escaped(shortened(meaning)));
        text += '\n';
    }
    return text;
}
