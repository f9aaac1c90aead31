// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// Names in a sentence: "a, b, c and 3 more".
std::string joined(const std::vector<std::string>& names);

/// The name that a misspelled `word` stands for: the one that differs in letter
/// case only, else the one that the fewest typing errors lead to. Nothing if no
/// name is close, or if several are equally close.
std::optional<std::string> suggestion(
    std::string_view word, const std::vector<std::string>& names);

struct Character {
    char32_t point;
    bool valid;
};

/// Takes one character off the front of `text`, which must not be empty; a
/// single byte, as U+FFFD, if the text does not begin with UTF-8.
Character next_character(std::string_view& text) noexcept;

bool is_utf8(std::string_view text) noexcept;

}
