// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_protocol.hpp"

#include "callout_engine_impl.hpp"
#include "json.hpp"
#include "name.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace mdev {

namespace {

constexpr std::array events = {CalloutEvent::pre, CalloutEvent::post,
    CalloutEvent::notify, CalloutEvent::get, CalloutEvent::live};
constexpr std::array actions = {CalloutAction::start, CalloutAction::stop,
    CalloutAction::define, CalloutAction::undefine, CalloutAction::modify,
    CalloutAction::attributes, CalloutAction::capabilities};
constexpr int protocol_version = 2;

/// The answer without white space and NUL bytes at its end. Some scripts print
/// a NUL byte, which is not JSON.
std::string_view trimmed_answer(std::string_view answer)
{
    constexpr std::string_view ends("\0 \t\r\n", 5);
    const auto last = answer.find_last_not_of(ends);
    return last == answer.npos ? "" : answer.substr(0, last + 1);
}

template <class Words>
void write_words(json::Writer& writer, std::string_view key, const Words& words)
{
    writer.key(key);
    writer.begin_array();
    for (const auto each : words)
        writer.string(word(each));
    writer.end_array();
}

const json::value& member(const json::object& object, std::string_view key)
{
    if (const auto* value = object.if_contains(key))
        return *value;
    throw std::invalid_argument("'" + std::string(key) + "' is missing");
}

const json::object& object_in(const json::value& value, const char* what)
{
    if (const auto* object = value.if_object())
        return *object;
    throw std::invalid_argument(std::string(what) + " must be an object");
}

template <class Known, class Each>
std::set<Each> parse_words(const json::object& supports, std::string_view key,
    const Known& known, std::vector<std::string>& unknown, std::set<Each> found)
{
    const auto* array = member(supports, key).if_array();
    if (!array)
        throw std::invalid_argument(
            "'" + std::string(key) + "' must be an array");
    for (const auto& element : *array) {
        const auto* text = element.if_string();
        if (!text)
            throw std::invalid_argument(
                "'" + std::string(key) + "' must hold strings");
        const auto* at = std::find_if(known.begin(), known.end(),
            [&](auto each) { return word(each) == *text; });
        if (at == known.end())
            unknown.emplace_back(text->data(), text->size());
        else
            found.insert(*at);
    }
    return found;
}

}

std::string_view word(CalloutEvent event)
{
    switch (event) {
    case CalloutEvent::get: return "get";
    case CalloutEvent::pre: return "pre";
    case CalloutEvent::live: return "live";
    case CalloutEvent::post: return "post";
    default: return "notify";
    }
}

std::string_view word(CalloutAction action)
{
    switch (action) {
    case CalloutAction::start: return "start";
    case CalloutAction::stop: return "stop";
    case CalloutAction::define: return "define";
    case CalloutAction::undefine: return "undefine";
    case CalloutAction::modify: return "modify";
    case CalloutAction::attributes: return "attributes";
    default: return "capabilities";
    }
}

std::string_view word(CalloutState state)
{
    switch (state) {
    case CalloutState::success: return "success";
    case CalloutState::failure: return "failure";
    default: return "none";
    }
}

std::string provided_capabilities()
{
    std::string out;
    json::Writer writer(out, json::Layout::compact);
    writer.begin_object();
    writer.key("provides");
    writer.begin_object();
    writer.key("version");
    writer.add(protocol_version);
    write_words(writer, "actions", actions);
    write_words(writer, "events", events);
    writer.end_object();
    writer.end_object();
    return out;
}

Capabilities parse_capabilities(
    std::string_view answer, std::vector<std::string>& unknown)
{
    const auto document = json::parse(trimmed_answer(answer));
    const auto& supports = object_in(
        member(object_in(document, "the answer"), "supports"), "'supports'");
    if (!member(supports, "version").is_int64())
        throw std::invalid_argument("'version' must be a number");
    const auto* parallel = supports.if_contains("parallel");
    if (parallel && !parallel->is_bool())
        throw std::invalid_argument("'parallel' must be true or false");
    return {parse_words(
                supports, "events", events, unknown, std::set<CalloutEvent>()),
        parse_words(
            supports, "actions", actions, unknown, std::set<CalloutAction>()),
        parallel && parallel->get_bool()};
}

std::optional<std::vector<Attribute>> parse_attributes(std::string_view answer)
{
    std::vector<Attribute> attributes;
    const auto text = trimmed_answer(answer);
    if (text.empty())
        return {};
    const auto document = json::parse(text);
    const auto* array = document.if_array();
    if (!array)
        throw std::invalid_argument("attributes must be an array");
    for (const auto& element : *array) {
        const auto& object = object_in(element, "an attribute");
        // [{}] is how scripts without a JSON library print an empty list.
        if (object.empty() && array->size() == 1)
            break;
        if (object.size() != 1 || !object.begin()->value().is_string())
            throw std::invalid_argument(
                "an attribute must be an object of one string");
        const auto& value = object.begin()->value().get_string();
        attributes.emplace_back(
            object.begin()->key(), std::string(value.data(), value.size()));
        check_attribute_name(attributes.back().first);
    }
    return attributes;
}

namespace {

/// The part of a line that is shown; a line may be as long as the whole output.
std::string cut(std::string_view line)
{
    constexpr std::size_t longest = 1000;
    if (line.size() <= longest)
        return std::string(line);
    auto end = longest;
    // Not in the middle of a character of UTF-8.
    while (end > longest - 4 && (line[end] & 0xc0) == 0x80)
        --end;
    return std::string(line.substr(0, end)) + " (" +
        std::to_string(line.size() - end) + " bytes omitted)";
}

}

void log_errors(
    const Environment& env, const CalloutResult& result, LogLevel level)
{
    constexpr std::size_t most = 100;
    const auto name = result.script().filename().string();
    std::vector<std::string_view> lines;
    std::string_view text = result.errors();
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.empty())
            lines.push_back(line);
    }
    const auto skipped = lines.size() - std::min(lines.size(), most);
    if (Access::impl(result).process.errors_truncated)
        env.log(level, name + ": (lines omitted)");
    else if (skipped > 0)
        env.log(
            level, name + ": (" + std::to_string(skipped) + " lines omitted)");
    for (auto line = skipped; line < lines.size(); ++line)
        env.log(level, name + ": " + cut(lines[line]));
}

}
