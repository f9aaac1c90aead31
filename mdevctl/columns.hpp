// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/listed_device.hpp>

#include <string>
#include <string_view>
#include <vector>

/// A column of `list --output`.
struct Column {
    std::string_view name;
    std::string_view meaning;
    std::string (*value)(const mdev::ListedDevice&);
    /// Which lists have to ask callout scripts to know the value.
    enum class Asks { never, if_active, always } asks = Asks::never;
};

/// Returns the columns in the order of the manual.
const std::vector<Column>& all_columns();
