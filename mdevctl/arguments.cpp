// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"

#include "output.hpp"
#include "text.hpp"

#include <mdev/error.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <cctype>
#include <set>

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

/// The text in lower case if it is the beginning of a UUID with enough digits
/// to exclude a typing error; empty otherwise.
std::string uuid_beginning(const std::string& text)
{
    constexpr std::string_view pattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    constexpr std::size_t least = 8;
    if (text.size() < least || text.size() >= pattern.size())
        return "";
    std::string lower;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (pattern[i] == '-' ? c != '-' : std::isxdigit(c) == 0)
            return "";
        lower += static_cast<char>(std::tolower(c));
    }
    return lower;
}

/// The id of the type that `word` names: `word` itself, unless it is the
/// vendor's name of a type of the parent. An id in the wrong letter case is
/// left, and refused as by mdevctl 1.x. The command itself reports what cannot
/// be read.
std::string id_of(const std::string& word, const mdev::ParentDevice& parent)
try {
    const auto found = word.empty() ? std::nullopt : parent.resolve_type(word);
    return found && !mdev::is_same_but_for_case(word, found->id()) ? found->id()
                                                                   : word;
} catch (const mdev::Error& error) {
    if (error.code() == mdev::Errc::ambiguous)
        throw;
    return word;
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
            return "Missing " + listed(rule.options, " or ");
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
        // If the rule has a hint, the first option is the usual one.
        if (found.empty() && !rule.hint.empty())
            return "Missing --" + std::string(rule.options.front());
        if (found.empty())
            return dashed(rule.option) + " requires " +
                listed(rule.options, " or ");
    }
    return "";
}

Arguments::Arguments(
    const Command& command, CommandLine line, const mdev::Environment& env)
    : command_(command),
      line_(std::move(line)),
      env_(env)
{
    const auto& operands = line_.operands;
    const std::size_t wanted = command.operands == Operands::one ? 1 : 0;
    if (!line_.mistake.empty())
        refuse(line_.mistake);
    if (operands.size() > wanted && command.operands != Operands::uuids)
        refuse_operand(operands[wanted]);
    if (wanted > 0 && (operands.empty() || operands.front().empty()))
        refuse("The " + std::string(command.operand) + " is missing");
    std::vector<std::string_view> given;
    for (const auto& [option, value] : line_.values)
        given.push_back(option);
    if (command.operands == Operands::uuids && !operands.empty() &&
        !has("uuid"))
        given.emplace_back("uuid");
    for (const auto& rule : command.rules)
        if (const auto sentence = violation(rule, given); !sentence.empty())
            refuse(sentence + hint(rule));
    if (has("color"))
        color();
    // A tested script gets the names unchanged.
    if (has("parent") && command.run != run_test_callout)
        resolve_names();
}

/// The commands that change a definition take a UUID as an option only, as with
/// mdevctl 1.x.
void Arguments::refuse_operand(const std::string& word) const
{
    const bool is_uuid = find_option(command_, "uuid") &&
        (mdev::Uuid::parse(word) || !uuid_beginning(word).empty());
    refuse("Unexpected word '" + word + "'" +
        (is_uuid && !has("uuid") ? "; write --uuid=" + word : ""));
}

/// Replaces the words of other tools for the parent and the type by the names
/// that the kernel has for them. A name in the wrong letter case is left, and
/// refused as by mdevctl 1.x.
void Arguments::resolve_names()
{
    auto& name = line_.values.at("parent");
    if (name.empty())
        return;
    // The command itself reports what cannot be read.
    const auto silent = env_.with_log({});
    auto parent = mdev::ParentDevice::find(name, silent);
    if (!parent) {
        parent = mdev::ParentDevice::resolve(name, silent);
        if (!parent || mdev::is_same_but_for_case(name, parent->name()))
            return;
        name = parent->name();
    }
    const auto type = line_.values.find("type");
    if (type != line_.values.end())
        type->second = id_of(type->second, *parent);
}

std::optional<std::string> Arguments::type_id(const std::string& parent) const
{
    const auto type = value("type");
    if (!type)
        return std::nullopt;
    const auto found = mdev::ParentDevice::find(parent, env_.with_log({}));
    return found ? id_of(*type, *found) : type;
}

/// What the rule says in addition, with the specified values.
std::string Arguments::hint(const Rule& rule) const
{
    std::string text(rule.hint);
    if (text.empty())
        return text;
    for (const auto& option : command_.options)
        if (const auto at = text.find(option.value);
            !option.value.empty() && at != text.npos && has(option.name))
            text.replace(at, option.value.size(), *value(option.name));
    return ". " + text;
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

namespace {

/// The UUIDs of all devices, active or defined, that begin with the digits.
std::vector<mdev::Uuid> known_uuids(
    const mdev::Environment& env, const std::string& beginning)
{
    using mdev::ListedDevice;
    const auto silent = env.with_log({});
    std::set<mdev::Uuid> found;
    for (const auto list : {ListedDevice::active, ListedDevice::defined})
        try {
            for (const auto& device :
                list({}, {}, mdev::AskScripts::no, silent))
                if (device.definition().uuid().string().starts_with(beginning))
                    found.insert(device.definition().uuid());
        } catch (const mdev::Error&) {
            // The other list may have the device. The command reports what
            // cannot be read.
        }
    return {found.begin(), found.end()};
}

}

mdev::Uuid Arguments::parse_uuid(const std::string& text) const
{
    if (const auto uuid = mdev::Uuid::parse(text))
        return *uuid;
    const auto beginning = uuid_beginning(text);
    if (!beginning.empty()) {
        const auto known = known_uuids(env_, beginning);
        if (known.size() == 1 && command_.is_reading)
            return known.front();
        std::vector<std::string> names;
        for (const auto& uuid : known)
            names.push_back(uuid.string());
        if (known.size() == 1)
            refuse("'" + text + "' is not a complete UUID, which " +
                std::string(command_.name) + " requires; did you mean " +
                names.front() + "?");
        if (!known.empty())
            refuse("'" + text +
                "' is the beginning of several UUIDs: " + mdev::joined(names));
        if (command_.is_reading)
            refuse("There is no device whose UUID begins with '" + text + "'");
    }
    std::vector<std::string> names;
    for (const auto& uuid : known_uuids(env_, ""))
        names.push_back(uuid.string());
    const auto meant = did_you_mean(text, names);
    refuse("'" + text + "' is not a UUID" +
        (meant.empty() ? ": a UUID has 32 hexadecimal digits, for example "
                         "01234567-89ab-cdef-0123-456789abcdef"
                       : meant));
}

std::vector<mdev::Uuid> Arguments::uuids() const
{
    std::vector<mdev::Uuid> uuids;
    if (const auto text = value("uuid"))
        uuids.push_back(parse_uuid(*text));
    if (command_.operands == Operands::uuids)
        for (const auto& word : line_.operands)
            uuids.push_back(parse_uuid(word));
    return uuids;
}

std::optional<mdev::Uuid> Arguments::uuid() const
{
    const auto all = uuids();
    return all.empty() ? std::nullopt : std::optional(all.front());
}

bool Arguments::is_for_mdev_only() const
{
    return has("dumpjson") && !has("all-frameworks") && !has("parent") &&
        uuids().empty();
}

std::string Arguments::choice(std::string_view option,
    const std::vector<std::string>& words, std::string_view missing) const
{
    const auto word = value(option);
    if (!word)
        return std::string(missing);
    if (std::find(words.begin(), words.end(), *word) != words.end())
        return *word;
    auto meant = did_you_mean(*word, words);
    refuse("'" + *word + "' is not a value of " + dashed(option) +
        (meant.empty() ? "; the values are " + joined(words, ", ") : meant));
}

std::string Arguments::color() const
{
    return choice("color", {"auto", "always", "never"}, "auto");
}

mdev::Definition Arguments::definition() const
{
    const auto given = uuid();
    return mdev::Definition::from_file(*value("jsonfile"),
        given ? *given : mdev::Uuid::random(), *value("parent"));
}

/// The option's value; `meaning` says what it should be.
std::optional<std::uint32_t> Arguments::number(
    std::string_view option, const std::string& meaning) const
{
    const auto text = value(option);
    if (!text)
        return {};
    const auto number = mdev::parse_number<std::uint32_t>(
        std::string_view(*text).substr(text->starts_with('+') ? 1 : 0));
    if (!number)
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
