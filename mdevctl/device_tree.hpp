// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "columns.hpp"

/// The ink of a state in lists.
Ink ink_of_state(const std::string& state);

/// Returns `list --tree`: a line for each parent, below it one for each of its
/// types, with the number of available instances, and below these the devices.
std::string device_tree(const std::vector<DeviceRow>& rows,
    const Arguments& arguments, const mdev::Environment& env);
