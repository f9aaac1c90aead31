// SPDX-License-Identifier: LGPL-2.1-or-later
#include "text.hpp"

#include <algorithm>
#include <cstddef>
#include <strings.h>

namespace mdev {

namespace {

constexpr char32_t replacement = 0xfffd;

/// The length of a UTF-8 sequence by its first byte; 0 for a byte that cannot
/// be first. 0xc0 and 0xc1 could only begin overlong sequences, and 0xf5 and
/// above only code points beyond Unicode.
std::size_t sequence_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first < 0xe0)
        return 2;
    if (first >= 0xe0 && first < 0xf0)
        return 3;
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/// Both are invalid UTF-8 (RFC 3629). Overlong sequences are dangerous: they
/// are a second spelling of control characters that a terminal obeys.
bool is_overlong_or_surrogate(char32_t point, std::size_t length)
{
    return (length == 3 && point < 0x800) || (length == 4 && point < 0x10000) ||
        point > 0x10ffff || (point >= 0xd800 && point < 0xe000);
}

/// The number of ASCII characters at the front. Nearly every name is ASCII
/// alone; the scan is far cheaper than decoding.
std::size_t ascii_length(std::string_view text)
{
    const auto* end = std::find_if(text.begin(), text.end(),
        [](char c) { return static_cast<unsigned char>(c) > 0x7f; });
    return static_cast<std::size_t>(end - text.begin());
}

/// The number of letters that must be added, removed, changed or exchanged with
/// their neighbor to make `b` of `a` (the optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b)
{
    // The table of distances between all prefixes of both words is computed row
    // by row; an exchange of neighbors looks two rows back, so three rows are
    // kept.
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] =
                std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

}

bool is_same_but_for_case(std::string_view a, std::string_view b) noexcept
{
    return a.size() == b.size() &&
        strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string joined(const std::vector<std::string>& names)
{
    constexpr std::size_t most = 10;
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > most)
        text += " and " + std::to_string(names.size() - most) + " more";
    return text;
}

std::optional<std::string> suggestion(
    std::string_view word, const std::vector<std::string>& names)
{
    std::optional<std::string> found;
    // A name is close if it has at most one typing error for each three
    // letters. The letter case does not count as an error, so that `MTTY`
    // suggests `mtty`.
    auto best = (word.size() + 1) / 3 + 1;
    for (const auto& name : names) {
        const auto distance = is_same_but_for_case(word, name)
            ? 0
            : std::max<std::size_t>(edit_distance(word, name), 1);
        if (distance < best) {
            best = distance;
            found = name;
            // A tie gives no suggestion, for example between mtty-1 and mtty-2
            // for mtty-3: a wrong guess is worse than none.
        } else if (distance == best)
            found.reset();
    }
    return found;
}

std::string shell_command(const std::vector<std::string>& words)
{
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "-_./:=,+@%";
    std::string text;
    for (const auto& word : words) {
        text += text.empty() ? "" : " ";
        if (!word.empty() && word.find_first_not_of(plain) == word.npos) {
            text += word;
            continue;
        }
        text += '\'';
        for (const char c : word)
            text.append(c == '\'' ? "'\\''" : std::string(1, c));
        text += '\'';
    }
    return text;
}

std::string counted(std::size_t count, const std::string& noun)
{
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const auto part = text.substr(0, text.find(separator));
        parts.push_back(part);
        text.remove_prefix(std::min(part.size() + 1, text.size()));
    }
    return parts;
}

Character next_character(std::string_view& text) noexcept
{
    const auto byte = [text](std::size_t i) {
        return static_cast<unsigned char>(text[i]);
    };
    const auto length = sequence_length(byte(0));
    char32_t point = length > 1 ? byte(0) & (0x7fU >> length) : byte(0);
    bool valid = length != 0 && length <= text.size();
    for (std::size_t i = 1; valid && i < length; ++i) {
        valid = (byte(i) & 0xc0U) == 0x80;
        point = (point << 6) | (byte(i) & 0x3fU);
    }
    // One byte is consumed and not the whole sequence: what follows a broken
    // first byte may be valid.
    if (!valid || is_overlong_or_surrogate(point, length)) {
        text.remove_prefix(1);
        return {replacement, false};
    }
    text.remove_prefix(length);
    return {point, true};
}

bool is_utf8(std::string_view text) noexcept
{
    text.remove_prefix(ascii_length(text));
    while (!text.empty())
        if (!next_character(text).valid)
            return false;
    return true;
}

}
