// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mdev::json {

/// The first mistake in a text that is not JSON.
struct Mistake {
    std::size_t offset;
    std::string expected; ///< such as "expected ',' or '}'"
};

/// Finds the first place where the text is not valid JSON. Nothing if only the
/// contents of a number or a string are wrong, or if the text is nested very
/// deeply.
std::optional<Mistake> find_mistake(std::string_view text);

}
