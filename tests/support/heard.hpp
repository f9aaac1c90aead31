// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/outcome.hpp>

#include <string>
#include <vector>

namespace mdev::test {

/// Stores the results that a listener receives: "ACTION NUMBER", with "!" after
/// a change and "?" after a failure.
struct Heard {
    std::vector<std::string> lines;

    OutcomeFunction listener()
    {
        return [this](const Outcome& outcome) {
            auto line = outcome.word() +
                (" " + std::to_string(outcome.uuid().bytes().back()));
            line += outcome.is_changed() ? "!" : "";
            line += outcome.error().empty() ? "" : "?";
            lines.push_back(line);
        };
    }
};

}
