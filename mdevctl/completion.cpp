// SPDX-License-Identifier: LGPL-2.1-or-later
#include "completion.hpp"

#include "arguments.hpp"
#include "columns.hpp"
#include "events.hpp"
#include "output.hpp"
#include "text.hpp"

#include <mdev/error.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace {

using Words = std::vector<std::string>;

struct Candidate {
    std::string word;
    std::string meaning;
};
using Candidates = std::vector<Candidate>;

/// The word that stands for the names of files.
constexpr std::string_view file_names = ":files";

/// Finds values, among devices that match the values specified so far.
class Search {
public:
    Search(const Command& command, const CommandLine& line,
        const mdev::Environment& env)
        : env_(env),
          devices_(command.devices)
    {
        for (const auto& option : command.options)
            if (option.devices != Devices::none &&
                line.values.contains(option.name))
                devices_ = option.devices;
        const auto value = [&](std::string_view option) {
            const auto found = line.values.find(option);
            return found == line.values.end()
                ? std::nullopt
                : std::optional<std::string>(found->second);
        };
        parent_ = value("parent");
        type_ = value("type");
        if (const auto text = value("uuid"))
            uuid_ = mdev::Uuid::parse(*text);
    }

    Candidates uuids() const
    {
        Candidates found;
        std::set<mdev::Uuid> seen;
        for (const auto& device : matching({}, parent_, type_))
            if (seen.insert(device.uuid()).second)
                found.push_back({device.uuid().string(),
                    device.parent() + " " + device.type_id()});
        return found;
    }

    Candidates parents() const
    {
        const bool takes_new =
            devices_ == Devices::to_define || devices_ == Devices::to_start;
        std::map<std::string, std::size_t> counts;
        if (uuid_ || !takes_new)
            for (const auto& device : matching(uuid_, {}, type_))
                ++counts[device.parent()];
        Candidates found;
        for (const auto& [parent, count] : counts)
            found.push_back({parent, mdev::counted(count, "device")});
        if (found.empty() && (takes_new || devices_ == Devices::none))
            for (const auto& parent : mdev::ParentDevice::all(env_))
                found.push_back({parent.name(),
                    mdev::counted(parent.types().size(), "type")});
        return found;
    }

    Candidates types() const
    {
        std::set<std::string> parents;
        if (parent_)
            parents = {*parent_};
        else if (uuid_)
            for (const auto& device : matching(uuid_, {}, {}))
                parents.insert(device.parent());
        std::map<std::string, std::string> meanings;
        for (const auto& parent : mdev::ParentDevice::all(env_))
            if (parents.empty() || parents.contains(parent.name()))
                for (const auto& type : parent.types())
                    meanings.emplace(type.id(),
                        std::to_string(type.available_instances()) + " left" +
                            (type.name().empty() ? "" : ": " + type.name()));
        Candidates found;
        for (const auto& [id, meaning] : meanings)
            found.push_back({id, meaning});
        return found;
    }

    Candidates indices() const
    {
        Candidates found;
        if (!uuid_)
            return found;
        const auto defined = mdev::ListedDevice::defined(
            uuid_, parent_, mdev::AskScripts::no, env_);
        if (!defined.empty())
            for (const auto& [name, value] :
                defined.front().definition().attributes())
                found.push_back(
                    {std::to_string(found.size()), name + "=" + value});
        return found;
    }

private:
    /// The devices that the command is about and that match.
    std::vector<mdev::Definition> matching(
        const std::optional<mdev::Uuid>& uuid,
        const std::optional<std::string>& parent,
        const std::optional<std::string>& type) const
    {
        using enum Devices;
        using mdev::ListedDevice;
        std::vector<mdev::Definition> found;
        const auto add = [&](const mdev::Definition& device) {
            if (!type || device.type_id() == *type)
                found.push_back(device);
        };
        if (devices_ == active || devices_ == to_define || devices_ == all)
            for (const auto& device :
                ListedDevice::active(uuid, parent, mdev::AskScripts::no, env_))
                if (devices_ != to_define || !device.is_defined())
                    add(device.definition());
        if (devices_ == defined || devices_ == to_start || devices_ == all)
            for (const auto& device :
                ListedDevice::defined(uuid, parent, mdev::AskScripts::no, env_))
                if (devices_ == defined || !device.is_active())
                    add(device.definition());
        return found;
    }

    const mdev::Environment& env_;
    Devices devices_;
    std::optional<mdev::Uuid> uuid_;
    std::optional<std::string> parent_;
    std::optional<std::string> type_;
};

template <class Columns> Candidates column_names(const Columns& columns)
{
    Candidates found;
    for (const auto& column : columns)
        found.push_back(
            {std::string(column.name), std::string(column.meaning)});
    return found;
}

Candidates words(const std::vector<std::string>& list)
{
    Candidates found;
    for (const auto& word : list)
        found.push_back({word, ""});
    return found;
}

Candidates event_words()
{
    Candidates found;
    for (const auto kind : event_kinds())
        found.push_back({mdev::word(kind), ""});
    return found;
}

/// Returns what the value of an option, or the operand, can be. `kind` is its
/// name in help (UUID, PARENT, FILE and so on), `line` the words so far.
Candidates values(const Command& command, std::string_view kind,
    const CommandLine& line, const mdev::Environment& env)
try {
    const Search search(command, line, env);
    if (kind == "FILE" || kind == "SCRIPT")
        return {{std::string(file_names), ""}};
    if (kind == "PARENT")
        return search.parents();
    if (kind == "TYPE")
        return search.types();
    if (kind == "UUID")
        return search.uuids();
    if (kind == "N")
        return search.indices();
    if (kind == "COLUMNS" || kind == "COLUMN")
        return command.name == "types" ? column_names(type_columns())
                                       : column_names(device_columns());
    if (kind == "STATE")
        return words(device_states());
    if (kind == "WHEN")
        return words({"auto", "always", "never"});
    if (kind == "SEVERITY")
        return words({"warning", "error"});
    if (kind == "EVENTS")
        return event_words();
    return {};
} catch (const mdev::Error&) {
    // Unreadable devices and definitions are not offered.
    return {};
}

/// Whether a rule forbids the two options together.
bool exclude_each_other(
    const Command& command, std::string_view one, std::string_view other)
{
    return std::any_of(
        command.rules.begin(), command.rules.end(), [&](const Rule& rule) {
            return (rule.kind == Rule::Kind::one ||
                       rule.kind == Rule::Kind::excludes) &&
                !violation(rule, {one, other}).empty();
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

/// The part of a list, for example of columns, before the word that is still
/// being typed.
std::string list_before(std::string_view kind, std::string_view text)
{
    if (kind != "COLUMNS" && kind != "EVENTS")
        return "";
    const auto comma = text.rfind(',');
    if (comma != text.npos)
        return std::string(text.substr(0, comma + 1));
    return kind == "COLUMNS" && text.starts_with('+') ? "+" : "";
}

Candidates command_candidates(
    const Command& command, Words words, const mdev::Environment& env)
{
    const auto last = words.back();
    words.pop_back();
    std::string prefix;
    auto value = last;
    if (const auto split = split_at_equals(last)) {
        words.push_back(split->option);
        prefix = split->option + "=";
        value = split->value;
    }
    const auto line = read_command_line(command, words);
    if (line.waiting) {
        auto found = values(command, line.waiting->value, line, env);
        prefix += list_before(line.waiting->value, value);
        for (auto& candidate : found)
            if (candidate.word != file_names)
                candidate.word.insert(0, prefix);
        return found;
    }
    Candidates found;
    if (!last.starts_with('-') &&
        (line.operands.empty() || command.operands == Operands::uuids))
        found = values(command, command.operand, line, env);
    if (!line.only_operands && (found.empty() || last.empty()))
        append_options(found, command, line);
    return found;
}

Candidates commands_and_help()
{
    Candidates found;
    for (const auto& command : commands())
        if (command.is_listed)
            found.push_back(
                {std::string(command.name), std::string(command.summary)});
    found.push_back({"help", "Show help for a command"});
    found.push_back({"version", "Print the version"});
    return found;
}

/// Adds what help knows besides commands.
Candidates with_topics(Candidates candidates)
{
    candidates.push_back({"exit-status", "List the exit codes"});
    return candidates;
}

Candidates mdevctl_candidates(Words words, const mdev::Environment& env)
{
    const auto first = words.front();
    if (words.size() == 1 && first.starts_with('-'))
        return {as_candidate(help_option), as_candidate(version_option)};
    if (words.size() == 1)
        return commands_and_help();
    if (words.size() == 2 && first == "help")
        return with_topics(commands_and_help());
    words.erase(words.begin());
    const auto* command = find_command(first);
    return command ? command_candidates(*command, std::move(words), env)
                   : Candidates();
}

Candidates lsmdev_candidates(Words words, const mdev::Environment& env)
{
    return command_candidates(*find_command("list"), std::move(words), env);
}

/// The first sentence: a shell prints only one line for each word.
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
