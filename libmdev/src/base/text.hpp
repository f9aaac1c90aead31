// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// Whether two names differ at most in the case of ASCII letters.
bool is_same_but_for_case(std::string_view a, std::string_view b) noexcept;

/// Joins names for a sentence: "a, b, c and 3 more". At most ten are listed.
std::string joined(const std::vector<std::string>& names);

/// Returns the name that a misspelled `word` probably stands for: the one that
/// differs in letter case only, else the one that the fewest typing errors lead
/// to. Returns nothing if no name is close, or if several are equally close.
std::optional<std::string> suggestion(
    std::string_view word, const std::vector<std::string>& names);

/// Joins the words of a command so that a shell reads the same words: words
/// with characters that are unusual in names are quoted.
std::string shell_command(const std::vector<std::string>& words);

/// "1 device", "2 devices".
std::string counted(std::size_t count, const std::string& noun);

/// Splits a text into parts, each of which ends at a separator or at the end of
/// the text. An empty text has no parts.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Parses the whole text as a decimal number. Returns nothing if the text is
/// not a number, or if the number is out of range.
template <class Number>
std::optional<Number> parse_number(std::string_view text)
{
    Number number{};
    const auto* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || at != end)
        return {};
    return number;
}

/// A decoded character. `valid` is false for a byte that is not UTF-8; `point`
/// is U+FFFD then.
struct Character {
    char32_t point;
    bool valid;
};

/// Removes one character from the front of `text`, which must not be empty, and
/// returns it; removes a single byte if `text` does not begin with valid UTF-8.
Character next_character(std::string_view& text) noexcept;

bool is_utf8(std::string_view text) noexcept;

}
