// SPDX-License-Identifier: LGPL-2.1-or-later
#include "script.hpp"

#include "directory.hpp"
#include "environment_access.hpp"
#include "json.hpp"
#include "kernel_error.hpp"
#include "name.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>

namespace mdev {

namespace {

constexpr std::array events = {CalloutEvent::pre, CalloutEvent::post,
    CalloutEvent::notify, CalloutEvent::get, CalloutEvent::live};
constexpr std::array actions = {CalloutAction::start, CalloutAction::stop,
    CalloutAction::define, CalloutAction::undefine, CalloutAction::modify,
    CalloutAction::attributes, CalloutAction::capabilities};
constexpr int protocol_version = 2;

/// What is left of a script's answer: some end it with a NUL byte.
std::string_view without_end(std::string_view answer)
{
    constexpr std::string_view ends("\0 \t\r\n", 5);
    const auto last = answer.find_last_not_of(ends);
    return last == answer.npos ? "" : answer.substr(0, last + 1);
}

template <class Words> std::string quoted_list(const Words& words)
{
    std::string text = "[";
    for (const auto each : words)
        (text += text.size() > 1 ? ",\"" : "\"").append(word(each)) += '"';
    return text + "]";
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
std::set<Each> words_in(const json::object& supports, std::string_view key,
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

bool ends_with(std::string_view name, std::string_view end)
{
    return name.size() >= end.size() &&
        name.substr(name.size() - end.size()) == end;
}

bool is_leftover(std::string_view name)
{
    constexpr std::array<std::string_view, 5> ends = {
        "~", ".bak", ".rpmsave", ".rpmnew", ".rpmorig"};
    return name.find(".dpkg-") != name.npos ||
        std::any_of(ends.begin(), ends.end(),
            [&](auto end) { return ends_with(name, end); });
}

}

std::string_view why_no_script(
    const Directory& directory, const std::string& name)
{
    struct stat about {};
    if (name.front() == '.')
        return "its name begins with a dot";
    if (is_leftover(name))
        return "it is a left-over";
    if (fstatat(directory.number(), name.c_str(), &about, 0) != 0)
        return "it cannot be looked at";
    if (!S_ISREG(about.st_mode))
        return "it is not a file";
    return (about.st_mode & 0111) == 0 ? "it is not executable" : "";
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
    return "{\"provides\":{\"version\":" + std::to_string(protocol_version) +
        ",\"actions\":" + quoted_list(actions) +
        ",\"events\":" + quoted_list(events) + "}}";
}

Capabilities parse_capabilities(
    std::string_view answer, std::vector<std::string>& unknown)
{
    const auto document = json::parse(without_end(answer));
    const auto& supports = object_in(
        member(object_in(document, "the answer"), "supports"), "'supports'");
    if (!member(supports, "version").is_int64())
        throw std::invalid_argument("'version' must be a number");
    return {
        words_in(supports, "events", events, unknown, std::set<CalloutEvent>()),
        words_in(
            supports, "actions", actions, unknown, std::set<CalloutAction>())};
}

std::vector<Attribute> parse_attributes(std::string_view answer)
{
    std::vector<Attribute> attributes;
    const auto text = without_end(answer);
    if (text.empty())
        return attributes;
    const auto document = json::parse(text);
    const auto* array = document.if_array();
    if (!array)
        throw std::invalid_argument("attributes must be an array");
    for (const auto& element : *array) {
        const auto& object = object_in(element, "an attribute");
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

void log_errors(
    const Environment& env, const CalloutResult& result, LogLevel failed)
{
    const auto level = result.is_accepted() ? LogLevel::info : failed;
    const auto name = result.script().filename().string();
    std::string_view text = result.errors();
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.empty())
            env.log(level, name + ": " + std::string(line));
    }
}

std::filesystem::path absolute_path(const std::filesystem::path& path)
{
    std::error_code error;
    auto found = std::filesystem::absolute(path, error);
    if (error)
        throw kernel_error(error.value(), "Cannot find", path);
    return found;
}

std::vector<std::filesystem::path> list_scripts(
    const std::vector<std::filesystem::path>& directories,
    const Environment& env)
{
    std::vector<std::filesystem::path> scripts;
    for (const auto& path : directories) {
        const auto directory = Directory::at(absolute_path(path));
        if (!directory)
            continue;
        std::vector<std::string> names;
        for (const auto& entry : directory->entries()) {
            const auto reason = why_no_script(*directory, entry.name);
            if (reason.empty())
                names.push_back(entry.name);
            else
                env.log(LogLevel::debug,
                    (directory->path() / entry.name).string() +
                        " is not a script: " + std::string(reason));
        }
        std::sort(names.begin(), names.end());
        for (const auto& name : names)
            scripts.push_back(directory->path() / name);
    }
    return scripts;
}

}
