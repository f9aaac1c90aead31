// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <charconv>

namespace po = boost::program_options;

namespace {

// No abbreviations: a script's `--par` would change its meaning one day.
constexpr int style = po::command_line_style::allow_long |
    po::command_line_style::long_allow_adjacent |
    po::command_line_style::long_allow_next |
    po::command_line_style::allow_short |
    po::command_line_style::allow_dash_for_short |
    po::command_line_style::short_allow_adjacent |
    po::command_line_style::short_allow_next |
    po::command_line_style::allow_sticky;

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
            description.add_options()(
                names.c_str(), po::value<std::string>(), "");
    };
    for (const auto& option : command.options)
        add(option);
    add(help_option);
    return description;
}

/// Where the value begins in a group of short options as `-dvu=X`: npos if
/// none of them takes one.
std::size_t value_position(const Command& command, const std::string& word)
{
    for (std::size_t i = 1; i < word.size(); ++i) {
        const auto* option = find_option(command, word[i]);
        if (!option)
            return std::string::npos;
        if (!option->value.empty())
            return i + 1;
    }
    return std::string::npos;
}

std::string dashed(std::string_view option)
{
    return "'--" + std::string(option) + "'";
}

std::string listed(
    const std::vector<std::string_view>& options, std::string_view last)
{
    std::string text;
    for (std::size_t i = 0; i < options.size(); ++i) {
        if (i > 0)
            text += i + 1 == options.size() ? last : ", ";
        text += dashed(options[i]);
    }
    return text;
}

std::string suggestion(const Command& command, const std::string& word)
{
    const auto name =
        word.substr(std::min(word.find_first_not_of('-'), word.size()));
    for (const auto& option : command.options)
        if (name.size() > 1 && option.name.substr(0, name.size()) == name)
            return "; did you mean " + dashed(option.name) + "?";
    return "";
}

/// Where the `=` of `-x=VALUE`, or that of `--name=` with nothing behind it,
/// is; npos if there is none. With something behind it, it is Boost's to read.
std::size_t equals_position(const Command& command, const std::string& word)
{
    const bool is_long = word.compare(0, 2, "--") == 0;
    const auto at = is_long ? word.size() - 1 : value_position(command, word);
    return at < word.size() && word[at] == '=' ? at : std::string::npos;
}

/// The option whose value the next word must be; null if none.
const Option* waiting_option(const Command& command, const std::string& word)
{
    if (word.compare(0, 2, "--") != 0)
        return value_position(command, word) == word.size()
            ? find_option(command, word.back())
            : nullptr;
    const auto* option = find_option(command, word.substr(2));
    return option && !option->value.empty() ? option : nullptr;
}

/// Appends an option as Boost's parser knows it: `-u=X` means `-uX`, and an
/// empty value behind `=` is a value.
void append_option(
    std::vector<std::string>& result, const Command& command, std::string word)
{
    const auto equals = equals_position(command, word);
    if (equals != std::string::npos)
        word.erase(equals, 1);
    const bool is_empty_value = equals == word.size();
    if (is_empty_value && !waiting_option(command, word))
        throw UsageError(&command, "option '" + word + "' takes no value");
    result.push_back(std::move(word));
    if (is_empty_value)
        result.emplace_back();
}

/// What Boost's parser would take: what begins with a dash is no value of the
/// word before.
std::vector<std::string> normalized(
    const Command& command, const std::vector<std::string>& words)
{
    std::vector<std::string> result;
    const Option* waiting = nullptr;
    for (const auto& word : words) {
        const bool is_option = word.size() > 1 && word.front() == '-';
        if (is_option && waiting)
            throw UsageError(
                &command, "option " + dashed(waiting->name) + " needs a value");
        if (word.compare(0, 3, "---") == 0)
            throw UsageError(&command,
                "unexpected option '" + word + "'" + suggestion(command, word));
        waiting = is_option ? waiting_option(command, word) : nullptr;
        if (is_option)
            append_option(result, command, word);
        else
            result.push_back(word);
    }
    return result;
}

std::optional<std::uint32_t> number(const std::string& text)
{
    std::uint32_t number = 0;
    const auto* end = text.data() + text.size();
    const auto* begin = text.data() + (text.compare(0, 1, "+") == 0 ? 1 : 0);
    const auto [at, error] = std::from_chars(begin, end, number);
    if (error == std::errc() && at == end)
        return number;
    return {};
}

po::parsed_options parse(
    const Command& command, const std::vector<std::string>& words)
try {
    const auto description = described(command);
    return po::command_line_parser(normalized(command, words))
        .options(description)
        .style(style)
        .run();
} catch (const po::unknown_option& error) {
    const auto name = error.get_option_name();
    throw UsageError(&command,
        "unexpected option '" + name + "'" + suggestion(command, name));
} catch (const po::invalid_command_line_syntax& error) {
    const auto name = error.get_option_name();
    const bool extra = error.kind() == po::invalid_syntax::extra_parameter;
    throw UsageError(&command,
        "option '" + name + (extra ? "' takes no value" : "' needs a value"));
} catch (const po::error& error) {
    throw UsageError(&command, error.what());
}

}

Arguments::Arguments(
    const Command& command, const std::vector<std::string>& words)
    : command_(command)
{
    for (const auto& option : parse(command, words).options) {
        if (option.position_key < 0)
            add(option.string_key,
                option.value.empty() ? "" : option.value.front());
        else if (command.operand.empty() || !operand_.empty())
            throw UsageError(
                &command, "unexpected word '" + option.value.front() + "'");
        else
            operand_ = option.value.front();
    }
    if (has(help_option.name))
        return;
    if (!command.operand.empty() && operand_.empty())
        throw UsageError(
            &command, "the " + std::string(command.operand) + " is missing");
    for (const auto& rule : command.rules)
        check(rule);
}

void Arguments::add(const std::string& option, const std::string& value)
{
    if (!values_.emplace(option, value).second)
        throw UsageError(
            &command_, "option " + dashed(option) + " is given twice");
}

void Arguments::check(const Rule& rule) const
{
    std::vector<std::string_view> given;
    std::copy_if(rule.options.begin(), rule.options.end(),
        std::back_inserter(given), [&](auto option) { return has(option); });
    const bool concerned = rule.option.empty() || has(rule.option);
    switch (rule.kind) {
    case Rule::Kind::any:
        if (given.empty())
            throw UsageError(&command_,
                listed(rule.options, " or ") +
                    (rule.options.size() == 1 ? " is needed"
                                              : " is needed, one of them"));
        break;
    case Rule::Kind::one:
        if (given.size() > 1)
            throw UsageError(
                &command_, listed(given, " and ") + " exclude each other");
        break;
    case Rule::Kind::excludes:
        if (concerned && !given.empty())
            throw UsageError(&command_,
                dashed(rule.option) + " cannot be used with " +
                    dashed(given.front()));
        break;
    case Rule::Kind::needs:
        if (concerned && given.empty())
            throw UsageError(&command_,
                dashed(rule.option) + " needs " + listed(rule.options, " or "));
        break;
    }
}

bool Arguments::has(std::string_view option) const
{
    return values_.find(option) != values_.end();
}

std::optional<std::string> Arguments::value(std::string_view option) const
{
    const auto found = values_.find(option);
    if (found == values_.end())
        return {};
    return found->second;
}

namespace {

mdev::Uuid parse_uuid(const Command& command, const std::string& text)
{
    if (const auto uuid = mdev::Uuid::parse(text))
        return *uuid;
    throw UsageError(&command,
        "'" + text +
            "' is not a UUID: it needs 32 hexadecimal digits, as in "
            "01234567-89ab-cdef-0123-456789abcdef");
}

}

std::optional<mdev::Uuid> Arguments::uuid() const
{
    const auto text = value("uuid");
    if (!text)
        return {};
    return parse_uuid(command_, *text);
}

mdev::Uuid Arguments::operand_uuid() const
{
    return parse_uuid(command_, operand_);
}

std::optional<std::size_t> Arguments::index() const
{
    const auto text = value("index");
    if (!text)
        return {};
    if (const auto index = number(*text))
        return *index;
    throw UsageError(
        &command_, "'" + *text + "' is not an attribute's index: 0, 1, ...");
}

std::chrono::seconds Arguments::wait() const
{
    const auto text = value("wait");
    if (!text)
        return {};
    if (const auto seconds = number(*text))
        return std::chrono::seconds(*seconds);
    throw UsageError(&command_, "'" + *text + "' is not a number of seconds");
}

mdev::DeviceSpec Arguments::spec() const
{
    mdev::DeviceSpec spec;
    if (const auto given = uuid())
        spec.uuid(*given);
    if (const auto parent = value("parent"))
        spec.parent(*parent);
    if (const auto type_id = value("type"))
        spec.type_id(*type_id);
    if (has("auto"))
        spec.start(mdev::StartMode::automatic);
    return spec;
}

bool asks_for_help(const std::vector<std::string>& words)
{
    const auto end = std::find(words.begin(), words.end(), "--");
    return std::any_of(words.begin(), end, [](const std::string& word) {
        return word == "--help" || word == "-h";
    });
}
