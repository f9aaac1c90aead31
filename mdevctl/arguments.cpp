// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"

#include <algorithm>
#include <charconv>

namespace {

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

}

std::string violation(
    const Rule& rule, const std::vector<std::string_view>& given)
{
    const auto has = [&](std::string_view option) {
        return std::find(given.begin(), given.end(), option) != given.end();
    };
    if (!rule.option.empty() && !has(rule.option))
        return "";
    std::vector<std::string_view> found;
    std::copy_if(rule.options.begin(), rule.options.end(),
        std::back_inserter(found), has);
    switch (rule.kind) {
    case Rule::Kind::any:
        if (found.empty())
            return listed(rule.options, " or ") + " is needed" +
                (rule.options.size() == 1 ? "" : ", one of them");
        break;
    case Rule::Kind::one:
        if (found.size() > 1)
            return listed(found, " and ") + " exclude each other";
        break;
    case Rule::Kind::excludes:
        if (!found.empty())
            return dashed(rule.option) + " cannot be used with " +
                dashed(found.front());
        break;
    case Rule::Kind::needs:
        if (found.empty())
            return dashed(rule.option) + " needs " +
                listed(rule.options, " or ");
    }
    return "";
}

Arguments::Arguments(const Command& command, CommandLine line)
    : command_(command),
      line_(std::move(line))
{
    const auto& operands = line_.operands;
    const std::size_t wanted = command.operand.empty() ? 0 : 1;
    if (!line_.mistake.empty())
        refuse(line_.mistake);
    if (operands.size() > wanted)
        refuse("unexpected word '" + operands[wanted] + "'");
    if (wanted > 0 && (operands.empty() || operands.front().empty()))
        refuse("the " + std::string(command.operand) + " is missing");
    std::vector<std::string_view> given;
    for (const auto& [option, value] : line_.values)
        given.push_back(option);
    for (const auto& rule : command.rules)
        if (const auto sentence = violation(rule, given); !sentence.empty())
            refuse(sentence);
}

void Arguments::refuse(const std::string& sentence) const
{
    throw UsageError(&command_, sentence);
}

bool Arguments::has(std::string_view option) const
{
    return line_.values.contains(option);
}

std::optional<std::string> Arguments::value(std::string_view option) const
{
    const auto found = line_.values.find(option);
    if (found == line_.values.end())
        return {};
    return found->second;
}

mdev::Uuid Arguments::parse_uuid(const std::string& text) const
{
    if (const auto uuid = mdev::Uuid::parse(text))
        return *uuid;
    refuse("'" + text +
        "' is not a UUID: it needs 32 hexadecimal digits, as in "
        "01234567-89ab-cdef-0123-456789abcdef");
}

std::optional<mdev::Uuid> Arguments::uuid() const
{
    const auto text = value("uuid");
    if (!text)
        return {};
    return parse_uuid(*text);
}

mdev::Definition Arguments::definition() const
{
    const auto given = uuid();
    return mdev::Definition::from_file(*value("jsonfile"),
        given ? *given : mdev::Uuid::random(), *value("parent"));
}

mdev::Uuid Arguments::operand_uuid() const
{
    return parse_uuid(operand());
}

/// The option's value; `meaning` says what it should be.
std::optional<std::uint32_t> Arguments::number(
    std::string_view option, const std::string& meaning) const
{
    const auto text = value(option);
    if (!text)
        return {};
    std::uint32_t number = 0;
    const auto* begin = text->data() + (text->starts_with('+') ? 1 : 0);
    const auto* end = text->data() + text->size();
    const auto [at, error] = std::from_chars(begin, end, number);
    if (error != std::errc() || at != end)
        refuse("'" + *text + "' is not " + meaning);
    return number;
}

std::optional<std::size_t> Arguments::index() const
{
    return number("index", "an attribute's index: 0, 1, ...");
}

unsigned Arguments::retries() const
{
    return static_cast<unsigned>(
        number("retries", "a number of times").value_or(0));
}

std::optional<std::chrono::seconds> Arguments::timeout() const
{
    if (const auto time = number("timeout", "a number of seconds"))
        return std::chrono::seconds(*time);
    return {};
}

std::chrono::seconds Arguments::wait() const
{
    return std::chrono::seconds(
        number("wait", "a number of seconds").value_or(0));
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
