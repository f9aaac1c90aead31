// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mdevsim {

/// The result of the rules for one write.
struct Verdict {
    std::chrono::milliseconds delay{0};
    int error = 0;
    bool vanish = false;
    bool is_lost = false; ///< succeeds without effect
};

/// GLOB:N:ACTION, one requested fault.
struct FaultRule {
    std::string glob;
    std::uint64_t nth = 0; ///< 0 is every write
    Verdict action;
    std::uint64_t seen = 0;

    static std::optional<FaultRule> parse(const std::string& text);
};

class Faults {
public:
    void add(FaultRule rule) { rules_.push_back(std::move(rule)); }
    void clear() { rules_.clear(); }
    /// Counts a write to the attribute with these paths, in every rule.
    Verdict judge(const std::vector<std::string>& paths);

private:
    std::vector<FaultRule> rules_;
};

/// Returns "EIO" for EIO; the number if an errno has no name here; "0" for
/// success.
std::string error_name(int error);

}
