// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <mdev/callout_engine.hpp>

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

// The words of the protocol, see mdevctl-callouts(7).
std::string_view word(CalloutEvent event);
std::string_view word(CalloutAction action);
std::string_view word(CalloutState state);

/// What a versioned script says that it supports, in our words.
struct Capabilities {
    std::set<CalloutEvent> events;
    std::set<CalloutAction> actions;

    bool has(CalloutEvent event, CalloutAction action) const
    {
        return events.contains(event) && actions.contains(action);
    }
};

/// What `get capabilities` reads on stdin.
std::string provided_capabilities();

/// Reads a script's answer. Throws std::invalid_argument if it makes no sense;
/// words that we do not know are appended to `unknown`.
Capabilities parse_capabilities(
    std::string_view answer, std::vector<std::string>& unknown);

/// Reads the answer to `get attributes`. Throws std::invalid_argument.
std::vector<Attribute> parse_attributes(std::string_view answer);

/// Says what a script wrote to stderr, line by line, under its name; if it
/// failed, on the level `failed`.
void log_errors(const Environment& env, const CalloutResult& result,
    LogLevel failed = LogLevel::warning);

/// Empty if the file is a script, else what keeps it from being one.
std::string_view why_no_script(
    const Directory& directory, const std::string& name);

/// For scripts, which are run in another directory. Throws Error.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// The executable files of the directories, each sorted bytewise, without what
/// editors and package managers leave behind.
std::vector<std::filesystem::path> list_scripts(
    const std::vector<std::filesystem::path>& directories,
    const Environment& env);

}
