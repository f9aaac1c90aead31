// SPDX-License-Identifier: LGPL-2.1-or-later
#include "output.hpp"

#include "progress.hpp"
#include "streams.hpp"
#include "text.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <unistd.h>

namespace {

/// The length of the character at the front of the text; 0 if that is not
/// UTF-8, or if a terminal may obey it: U+0000–U+001F and U+007F–U+009F.
std::size_t printable_length(std::string_view text)
{
    // A character needs so many bytes from this one on.
    constexpr std::array<char32_t, 5> first_of = {
        0, 0x20, 0xa0, 0x800, 0x10000};
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t ones = std::countl_one(lead);
    const auto length = std::max<std::size_t>(ones, 1);
    if (ones == 1 || ones > 4 || length > text.size())
        return 0;
    char32_t character = lead & (0x7fU >> ones);
    for (const unsigned char byte : text.substr(1, length - 1)) {
        if ((byte & 0xc0U) != 0x80)
            return 0;
        character = character << 6U | (byte & 0x3fU);
    }
    const bool is_surrogate = character >= 0xd800 && character < 0xe000;
    return character >= first_of[length] && character != 0x7f &&
            !is_surrogate && character <= 0x10ffff
        ? length
        : 0;
}

}

std::string escaped(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        const auto length = printable_length(text);
        if (length != 0)
            shown += text.substr(0, length);
        else if (byte == '\n')
            shown += "\\n";
        else
            (shown += "\\x").append({digits[byte >> 4], digits[byte & 15]});
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return shown;
}

std::string json_string(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown = "\"";
    const auto append_unit = [&](char32_t unit) {
        shown += "\\u";
        for (int shift = 12; shift >= 0; shift -= 4)
            shown += digits[(unit >> static_cast<unsigned>(shift)) & 15];
    };
    while (!text.empty()) {
        const auto point = mdev::next_character(text).point;
        if (point == '"' || point == '\\')
            (shown += '\\') += static_cast<char>(point);
        else if (point >= 0x20 && point < 0x7f)
            shown += static_cast<char>(point);
        else if (point < 0x10000)
            append_unit(point);
        else {
            append_unit(0xd800 + ((point - 0x10000) >> 10));
            append_unit(0xdc00 + ((point - 0x10000) & 0x3ff));
        }
    }
    return shown + "\"";
}

const char* word(mdev::StartMode start)
{
    return start == mdev::StartMode::automatic ? "auto" : "manual";
}

Output::Output() : terminal_(isatty(STDOUT_FILENO) == 1)
{
}

Output& Output::text(std::string_view words)
{
    text_ += words;
    return *this;
}

Output& Output::json(std::string_view text)
{
    return json_piece(text).text("\n");
}

Output& Output::json_piece(std::string_view text)
{
    // The one control character that JSON has as it is, in its strings.
    for (auto at = terminal_ ? text.find('\x7f') : text.npos; at != text.npos;
         at = text.find('\x7f')) {
        this->text(text.substr(0, at)).text("\\u007f");
        text.remove_prefix(at + 1);
    }
    return this->text(text);
}

Output& Output::untrusted(std::string_view words)
{
    if (terminal_)
        text_ += escaped(words);
    else
        text_ += words;
    return *this;
}

Output& Output::line(std::string_view label, std::string_view value)
{
    return value.empty() ? *this : text(label).untrusted(value).text("\n");
}

void Output::send() const
{
    if (text_.empty())
        return;
    // Both may be one terminal.
    if (terminal_)
        Progress::erase();
    if (write_all(STDOUT_FILENO, text_))
        return;
    if (errno == ECANCELED)
        throw mdev::Error(mdev::Errc::cancelled, "stdout",
            "Writing to standard output was cancelled: its reader has stopped "
            "reading");
    throw mdev::Error(std::error_code(errno, std::system_category()), "stdout",
        "Cannot write to standard output");
}

void Output::send_if_long()
{
    constexpr std::size_t long_size = 64 * 1024;
    if (text_.size() < long_size)
        return;
    send();
    text_.clear();
}
