// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "output.hpp"

#include <mdev/listed_device.hpp>

#include <string>
#include <string_view>
#include <vector>

class Arguments;

/// What `list --output` can show of a device.
struct Column {
    std::string_view name;
    std::string_view meaning;
    bool needs_scripts; ///< of an active device, its script says it
    std::string (*value)(const mdev::ListedDevice&);
};

const std::vector<Column>& all_columns();

/// What `--output` names; throws UsageError for what is no column.
std::vector<const Column*> chosen_columns(const Arguments& arguments);

/// A line for each device, its values below each other; `-` where there is
/// none. Names are harmless wherever they go: each has to stay in its line.
void append_table(Output& output, const std::vector<const Column*>& columns,
    const std::vector<mdev::ListedDevice>& devices, bool has_heading);
