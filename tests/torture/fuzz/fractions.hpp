// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "json.hpp"

#include <algorithm>
#include <string_view>

inline bool holds_double(const boost::json::value& value)
{
    const auto any = [](const auto& members, auto member) {
        return std::any_of(members.begin(), members.end(), member);
    };
    if (const auto* array = value.if_array())
        return any(*array, holds_double);
    if (const auto* object = value.if_object())
        return any(*object,
            [](const auto& pair) { return holds_double(pair.value()); });
    return value.is_double();
}

/// A fraction in an unknown member may change in its last digit: Boost.JSON
/// reads it as a double, and not always as the nearest double.
inline bool has_fractions(std::string_view text)
{
    return holds_double(mdev::json::parse(text));
}
