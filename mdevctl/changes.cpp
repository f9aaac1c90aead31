// SPDX-License-Identifier: LGPL-2.1-or-later
#include "changes.hpp"

#include "output.hpp"

#include <array>
#include <utility>

namespace {

using mdev::CalloutAction;

std::string attributes_of(const mdev::Definition& definition)
{
    std::vector<std::string> texts;
    for (const auto& [name, value] : definition.attributes())
        texts.push_back(name + "=" + value);
    return texts.empty() ? "none" : joined(texts, " ");
}

/// A setting of a definition as text.
std::string value_of(
    const mdev::Definition& definition, const std::string& setting)
{
    if (setting == "type")
        return definition.type_id();
    if (setting == "start")
        return word(definition.start());
    return setting == "attrs" ? attributes_of(definition) : "";
}

std::string difference_line(const mdev::Outcome& outcome,
    const std::string& setting, const Screen& screen)
{
    const auto before = value_of(*outcome.before(), setting);
    const auto after = value_of(*outcome.after(), setting);
    if (before.empty() && after.empty())
        return "    " + setting + " changed\n";
    return "    " + setting + ": " + escaped(before) +
        screen.symbol(" \u2192 ", " -> ") + escaped(after) + "\n";
}

std::pair<const char*, Ink> mark_of(CalloutAction action)
{
    switch (action) {
    case CalloutAction::define:
    case CalloutAction::start: return {"+ ", Ink::good};
    case CalloutAction::undefine:
    case CalloutAction::stop: return {"- ", Ink::bad};
    default: return {"~ ", Ink::notice};
    }
}

}

std::string change_lines(
    const mdev::Outcome& outcome, const std::string& name, const Screen& screen)
{
    const auto [mark, ink] = mark_of(outcome.action());
    std::string line = outcome.word();
    line.append(" ").append(outcome.uuid().string());
    for (const auto& word : {outcome.parent(), outcome.type_id()})
        if (!word.empty())
            line.append(" ").append(escaped(word));
    if (!name.empty())
        line.append(" \"").append(escaped(name)).append("\"");
    if (!outcome.error().empty())
        return screen.painted(Ink::bad, "! " + line) + "\n    " +
            escaped(outcome.error()) + "\n";
    auto text = screen.painted(ink, mark + line) + "\n";
    const bool has_values = outcome.before() && outcome.after();
    for (const auto& setting : outcome.differences())
        text += has_values ? difference_line(outcome, setting, screen)
                           : "    " + setting + " changed\n";
    return text;
}

void ChangeCount::add(const mdev::Outcome& outcome)
{
    if (!outcome.error().empty())
        ++conflicts_;
    else if (outcome.is_changed())
        ++counts_[outcome.action()];
}

std::string ChangeCount::text(bool is_done) const
{
    struct Words {
        CalloutAction action;
        const char* verb;
        const char* past;
        bool is_always;
    };
    constexpr std::array<Words, 5> all = {{
        {CalloutAction::define, "define", "defined", true},
        {CalloutAction::modify, "modify", "modified", true},
        {CalloutAction::undefine, "remove", "removed", true},
        {CalloutAction::start, "start", "started", false},
        {CalloutAction::stop, "stop", "stopped", false},
    }};
    std::vector<std::string> parts;
    if (counts_.empty() && conflicts_ == 0)
        return "";
    for (const auto& words : all) {
        const auto found = counts_.find(words.action);
        const auto count = found == counts_.end() ? 0 : found->second;
        if (count > 0 || words.is_always)
            parts.push_back(std::to_string(count) +
                (is_done ? " " + std::string(words.past)
                         : " to " + std::string(words.verb)));
    }
    if (conflicts_ > 0)
        parts.push_back(
            std::to_string(conflicts_) + (is_done ? " failed" : " impossible"));
    return joined(parts, ", ");
}
