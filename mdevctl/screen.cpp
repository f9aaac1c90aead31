// SPDX-License-Identifier: LGPL-2.1-or-later
#include "screen.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vector>

// The only place with escape sequences of terminals: those of ECMA-48 that
// every terminal of the last decades has, from the console of the kernel on. A
// library such as ncurses would have to find and read a description of the
// terminal, only to send the same few bytes.

namespace {

std::string_view variable(const char* name)
{
    const char* text = std::getenv(name);
    return text ? text : "";
}

/// Adopts the user's locale for characters. If that is not one of UTF-8, names
/// are still measured as UTF-8: they are what the kernel and vendors say.
bool adopt_locale()
{
    (void)std::setlocale(LC_CTYPE, "");
    const bool is_utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    if (!is_utf8)
        (void)std::setlocale(LC_CTYPE, "C.UTF-8");
    return is_utf8;
}

bool has_utf8_locale()
{
    static const bool is_utf8 = adopt_locale();
    return is_utf8;
}

std::size_t width_of(char32_t point)
{
    if (point < 0x7f)
        return 1;
    (void)has_utf8_locale();
    const int width = wcwidth(static_cast<wchar_t>(point));
    return width < 0 ? 1 : static_cast<std::size_t>(width);
}

struct Piece {
    std::string_view bytes;
    std::size_t width;
};

std::vector<Piece> pieces(std::string_view text)
{
    std::vector<Piece> found;
    while (!text.empty()) {
        auto rest = text;
        const auto character = mdev::next_character(rest);
        found.push_back({text.substr(0, text.size() - rest.size()),
            width_of(character.point)});
        text = rest;
    }
    return found;
}

}

const std::string_view erase_line = "\r\033[K";
const std::string_view erase_screen = "\033[H\033[2J\033[3J";

std::string Screen::painted(Ink ink, std::string_view text) const
{
    constexpr std::array<std::string_view, 6> codes = {
        "", "1", "32", "33", "31", "2"};
    const auto code = codes[static_cast<std::size_t>(ink)];
    std::string result(text);
    if (has_colors && !code.empty() && !text.empty())
        result.insert(0, "\033[" + std::string(code) + "m").append("\033[0m");
    return result;
}

Screen screen_of(int fd, std::string_view colors)
{
    Screen screen;
    screen.is_terminal = isatty(fd) == 1;
    screen.can_erase = screen.is_terminal && !variable("TERM").empty() &&
        variable("TERM") != "dumb";
    screen.has_colors = colors == "always" ||
        (colors != "never" && screen.can_erase && variable("NO_COLOR").empty());
    if (!screen.is_terminal)
        return screen;
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        screen.width = size.ws_col;
    screen.is_utf8 = has_utf8_locale();
    return screen;
}

std::size_t text_width(int fd)
{
    constexpr std::size_t least = 40;
    return std::max(screen_of(fd).width, least);
}

std::size_t display_width(std::string_view text)
{
    std::size_t width = 0;
    for (const auto& piece : pieces(text))
        width += piece.width;
    return width;
}

std::string shortened(
    std::string_view text, std::size_t width, std::string_view mark, Cut cut)
{
    if (display_width(text) <= width)
        return std::string(text);
    const auto left = width - std::min(width, display_width(mark));
    const auto all = pieces(text);
    std::string front;
    std::string back;
    std::size_t used = 0;
    for (const auto& piece : all) {
        if (used + piece.width > (cut == Cut::end ? left : (left + 1) / 2))
            break;
        front += piece.bytes;
        used += piece.width;
    }
    for (auto piece = all.rbegin(); cut == Cut::middle && piece != all.rend() &&
         used + piece->width <= left;
         ++piece) {
        back.insert(0, piece->bytes);
        used += piece->width;
    }
    return front.append(mark).append(back);
}
