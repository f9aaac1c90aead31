// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace mdevsim {

/// What the rules make of one write.
struct Verdict {
    std::chrono::milliseconds delay{0};
    int error = 0;
    bool vanish = false;
    bool is_lost = false; ///< succeeds, and does nothing
};

/// GLOB:N:ACTION, one fault on demand.
struct FaultRule {
    std::string glob;
    unsigned long nth = 0; ///< 0 is every one
    Verdict action;
    unsigned long seen = 0;

    static std::optional<FaultRule> parse(const std::string& text);
};

class Faults {
public:
    void add(FaultRule rule) { rules_.push_back(std::move(rule)); }
    void clear() { rules_.clear(); }
    /// Counts a write, to the attribute these paths name, in every rule.
    Verdict judge(const std::vector<std::string>& paths);

private:
    std::vector<FaultRule> rules_;
};

/// "EIO" for EIO; the number if it has no name here; "0" for success.
std::string error_name(int error);

}
