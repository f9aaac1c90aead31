// SPDX-License-Identifier: LGPL-2.1-or-later
#include "table.hpp"

#include "output.hpp"

#include <algorithm>
#include <numeric>

namespace {

// Fewer columns than these say nothing.
constexpr std::size_t narrowest_text = 16;
constexpr std::size_t narrowest_name = 8;
// Longer than what the kernel calls its parents and types.
constexpr std::size_t long_name = 20;
constexpr std::size_t narrowest_heading = 5;

std::size_t sum(const std::vector<std::size_t>& widths)
{
    // A blank behind each column but the last; a column of no width is left
    // out.
    const auto shown = static_cast<std::size_t>(std::count_if(widths.begin(),
        widths.end(), [](std::size_t width) { return width > 0; }));
    return std::accumulate(widths.begin(), widths.end(), shown) - 1;
}

/// The text as one word, as in the raw tables of lsblk(8).
std::string without_blanks(const std::string& text)
{
    std::string word;
    for (const char c : text)
        if (c == ' ')
            word += "\\x20";
        else
            word += c;
    return word;
}

}

Table::Table(std::vector<Heading> headings) : headings_(std::move(headings))
{
}

void Table::add(std::vector<Cell> row)
{
    for (auto& cell : row) {
        cell.text = escaped(cell.text);
        if (cell.text.empty())
            cell = {"-", Ink::plain};
    }
    rows_.push_back(std::move(row));
}

std::size_t Table::content_width(std::size_t column) const
{
    std::size_t width = 0;
    for (const auto& row : rows_)
        width = std::max(width, display_width(row[column].text));
    return width;
}

std::vector<std::size_t> Table::widths(bool has_headings) const
{
    std::vector<std::size_t> widths(headings_.size());
    for (std::size_t i = 0; i < widths.size(); ++i)
        widths[i] = std::max(content_width(i),
            has_headings ? display_width(headings_[i].text) : 0);
    return widths;
}

/// Takes what is missing from the optional columns, then from headings that are
/// wider than what is below them, from long names, and then from all names:
/// except for long names, from the last column first.
void Table::fit(std::vector<std::size_t>& widths, std::size_t total) const
{
    const auto excess = [&] {
        const auto used = sum(widths);
        return used > total ? used - total : 0;
    };
    const auto take = [&](std::size_t i, std::size_t least) {
        if (widths[i] > least)
            widths[i] =
                std::max(least, widths[i] - std::min(widths[i], excess()));
    };
    for (std::size_t i = widths.size(); i-- > 0 && excess() > 0;)
        if (headings_[i].fit == Fit::optional) {
            take(i, narrowest_text);
            if (excess() > 0)
                widths[i] = 0;
        }
    for (std::size_t i = widths.size(); i-- > 0 && excess() > 0;)
        if (widths[i] > 0)
            take(i, std::max(content_width(i), narrowest_heading));
    // A line that is folded anyway shall at least be whole, unless it would
    // fill the terminal.
    const auto whole = widths;
    while (excess() > 0)
        if (!narrow_widest(widths))
            break;
    for (std::size_t i = widths.size(); i-- > 0 && excess() > 0;)
        if (headings_[i].fit == Fit::shortened)
            take(i, narrowest_name);
    if (excess() > 0 && sum(whole) <= 2 * total)
        widths = whole;
}

/// Takes a column from the widest of the long names, the last of several.
/// Returns false if no name is long.
bool Table::narrow_widest(std::vector<std::size_t>& widths) const
{
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i)
        if (headings_[i].fit == Fit::shortened && widths[i] > long_name &&
            (widest == widths.size() || widths[i] >= widths[widest]))
            widest = i;
    if (widest == widths.size())
        return false;
    --widths[widest];
    return true;
}

std::string Table::text(
    const Screen& screen, bool has_headings, Padding padding) const
{
    const std::string_view mark = screen.symbol("\u2026", "~");
    auto widths = this->widths(has_headings);
    if (screen.is_terminal && padding == Padding::fitted)
        fit(widths, screen.width);
    std::string text;
    const auto append_row = [&](const auto& cell_of) {
        std::string gap;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            if (widths[i] == 0)
                continue;
            const Cell cell = cell_of(i);
            const bool is_name =
                headings_[i].fit == Fit::shortened && cell.ink != Ink::heading;
            const auto shown = padding == Padding::none
                ? without_blanks(cell.text)
                : shortened(cell.text, widths[i], mark,
                      is_name ? Cut::middle : Cut::end);
            text.append(gap).append(screen.painted(cell.ink, shown));
            gap.assign(padding == Padding::none
                    ? 1
                    : widths[i] + 1 - display_width(shown),
                ' ');
        }
        text += '\n';
    };
    if (has_headings)
        append_row([&](std::size_t i) {
            return Cell{headings_[i].text, Ink::heading};
        });
    for (const auto& row : rows_)
        append_row([&](std::size_t i) { return row[i]; });
    return text;
}
