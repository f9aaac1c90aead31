// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "screen.hpp"

#include <mdev/outcome.hpp>

#include <map>
#include <string>

/// Returns the lines of `diff` and `apply` for a result, as a person reads them
/// at a terminal: `+` before additions, `-` before removals, and `~` before
/// changes, with the old and the new values. `name` is the name of the device
/// in a state file, if it has one.
std::string change_lines(const mdev::Outcome& outcome, const std::string& name,
    const Screen& screen);

/// Counts results for the summary at the end.
class ChangeCount {
public:
    void add(const mdev::Outcome& outcome);
    /// Returns "1 to define, 2 to modify, 0 to undefine", and the devices to
    /// start and to stop, if there are any; "1 defined, ..." if `is_done`; ""
    /// if nothing changes.
    std::string text(bool is_done) const;

private:
    std::map<mdev::CalloutAction, std::size_t> counts_;
    std::size_t conflicts_ = 0;
};
