// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/callout_engine.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

// The protocol between mdevctl and callout scripts: words, the JSON of
// questions and answers, and how stderr is logged. Nothing here runs a script.

// The words of the protocol, see mdevctl-callouts(7). They are used for scripts
// and, for the actions, in the JSON that mdevctl prints.
std::string_view word(CalloutEvent event);
std::string_view word(CalloutAction action);
std::string_view word(CalloutState state);

/// What a versioned script supports. Events and actions are two lists in the
/// protocol, so that each event applies to each action.
struct Capabilities {
    std::set<CalloutEvent> events;
    std::set<CalloutAction> actions;
    /// Whether several calls of the script may run at the same time.
    bool is_parallel = false;

    bool has(CalloutEvent event, CalloutAction action) const
    {
        return events.contains(event) && actions.contains(action);
    }
};

/// The JSON that `get capabilities` passes on stdin.
std::string provided_capabilities();

/// Parses the answer to `get capabilities`. Throws std::invalid_argument if it
/// is invalid. Unknown words are appended to `unknown` and otherwise ignored,
/// so that a script for a later version of the protocol works.
Capabilities parse_capabilities(
    std::string_view answer, std::vector<std::string>& unknown);

/// Parses the answer to `get attributes`; nothing for an empty answer, which
/// means that the script does not know. Throws std::invalid_argument, or Error
/// (Errc::invalid_name).
std::optional<std::vector<Attribute>> parse_attributes(std::string_view answer);

/// Logs what a script wrote to stderr, its last 100 lines, each behind the
/// script's name and cut after 1,000 bytes.
void log_errors(const Environment& env, const CalloutResult& result,
    LogLevel level = LogLevel::warning);

}
