// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>

#include <string>
#include <string_view>

/// Returns the text with each byte that is not printable UTF-8 as `\xNN` (a
/// line break as `\n`), so that no name can send commands to a terminal.
std::string escaped(std::string_view text);

/// Returns the texts with `separator` between each two.
template <class Texts>
std::string joined(const Texts& texts, std::string_view separator)
{
    std::string result;
    for (const auto& text : texts)
        result.append(result.empty() ? "" : separator).append(text);
    return result;
}

/// Returns the text as a JSON string, with its quotes, in ASCII.
std::string json_string(std::string_view text);

/// How a definition says it: `auto` or `manual`.
const char* word(mdev::StartMode start);

/// What a command prints: collected, then written at once; a very long list in
/// pieces.
class Output {
public:
    Output();

    /// Appends the program's own words.
    Output& text(std::string_view words);
    /// Appends JSON of the library as a line, with control characters escaped
    /// if stdout is a terminal.
    Output& json(std::string_view text);
    /// Does so with a part of such a line.
    Output& json_piece(std::string_view text);
    /// Appends words of others, such as names: escaped if stdout is a terminal,
    /// otherwise unchanged.
    Output& untrusted(std::string_view words);
    /// Appends a line of both, unless there is no value; the value is
    /// untrusted.
    Output& line(std::string_view label, std::string_view value);
    /// Writes all of it to stdout; throws Error if that fails.
    void send() const;
    /// Calls send() if the text is long already, for a list that continues: its
    /// memory is used again. Throws Error like send().
    void send_if_long();

private:
    bool terminal_;
    std::string text_;
};
