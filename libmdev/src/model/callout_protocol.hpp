// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/callout_engine.hpp>

#include <optional>
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
    /// Whether several calls of the script may run at the same time.
    bool is_parallel = false;

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

/// Reads the answer to `get attributes`: nothing for a script that does not
/// answer. Throws std::invalid_argument, Error (Errc::invalid_name).
std::optional<std::vector<Attribute>> parse_attributes(std::string_view answer);

/// Logs what a script wrote to stderr, its last 100 lines, each behind the
/// script's name.
void log_errors(const Environment& env, const CalloutResult& result,
    LogLevel level = LogLevel::warning);

}
