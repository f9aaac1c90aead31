// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel_text.hpp"

#include <cerrno>
#include <charconv>

namespace mdevsim {

namespace {

constexpr std::size_t uuid_length = 36;

bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
        (c >= 'A' && c <= 'F');
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_dash_position(std::size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

// Removes the prefix of the base.
int base_of(std::string_view& text)
{
    if (text.size() < 2 || text[0] != '0')
        return 10;
    if (lower(text[1]) != 'x' || text.size() < 3 || !is_hex(text[2]))
        return 8;
    text.remove_prefix(2);
    return 16;
}

}

std::string_view without_newline(std::string_view text)
{
    if (!text.empty() && text.back() == '\n')
        text.remove_suffix(1);
    return text;
}

Number parse_number(std::string_view text)
{
    // The kernel reads the text up to the first NUL byte.
    text = without_newline(text.substr(0, text.find('\0')));
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    int base = base_of(text);
    Number number;
    const char* end = text.data() + text.size();
    auto [stop, failure] =
        std::from_chars(text.data(), end, number.value, base);
    if (failure == std::errc::invalid_argument || stop != end)
        return {EINVAL, 0};
    if (failure == std::errc::result_out_of_range)
        return {ERANGE, 0};
    return number;
}

bool is_word(std::string_view text, std::string_view word)
{
    return without_newline(text.substr(0, text.find('\0'))) == word;
}

std::optional<std::string> parse_uuid(std::string_view text)
{
    if (text.size() < uuid_length)
        return {};
    std::string uuid;
    for (std::size_t i = 0; i < uuid_length; ++i) {
        if (is_dash_position(i) ? text[i] != '-' : !is_hex(text[i]))
            return {};
        uuid += lower(text[i]);
    }
    return uuid;
}

}
