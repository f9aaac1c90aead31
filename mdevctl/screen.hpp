// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// A color that has a meaning, or the weight of headings.
enum class Ink { plain, heading, good, notice, bad, faint };

/// What a stream can show. A person reads a terminal. A program reads any other
/// stream (a pipe, a file), for which everything here is off.
struct Screen {
    bool is_terminal = false;
    std::size_t width = 80; ///< in columns
    bool has_colors = false;
    bool can_erase = false; ///< whether it obeys erase_line and erase_screen
    bool is_utf8 = false; ///< whether it shows more than ASCII

    /// Returns `first` if the screen shows it, else `ascii`.
    const char* symbol(const char* first, const char* ascii) const
    {
        return is_utf8 ? first : ascii;
    }
    /// Returns the text in that ink, if the screen has colors.
    std::string painted(Ink ink, std::string_view text) const;
};

/// Returns what the stream can show; `colors` is the value of `--color`:
/// `always`, `never`, or anything else for "if it is a terminal that has
/// colors and NO_COLOR is not set".
Screen screen_of(int fd, std::string_view colors = "auto");

/// Returns the width of the stream for text that is wrapped: that of the
/// terminal, otherwise 80.
std::size_t text_width(int fd);

/// The number of columns that the text takes on a terminal: by the tables of
/// Unicode, a letter of a Western script takes one, of an East Asian one two,
/// and a combining accent none.
std::size_t display_width(std::string_view text);

/// Where a text is cut that is too long.
enum class Cut {
    middle, ///< for names, whose ends tell them apart
    end,
};

/// Returns the text in at most `width` columns; `mark` replaces the omitted
/// part.
std::string shortened(std::string_view text, std::size_t width,
    std::string_view mark, Cut cut = Cut::middle);

/// Erases the line on which the cursor is, and returns to its beginning.
extern const std::string_view erase_line;
/// Erases the screen, and moves the cursor to its first line.
extern const std::string_view erase_screen;
