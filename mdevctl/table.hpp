// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "screen.hpp"

#include <string>
#include <vector>

/// A table: a row in each line, its cells below each other. Cells are escaped,
/// and an empty one is a dash, so that each row stays in its line and has its
/// columns.
class Table {
public:
    /// How a column may lose width on a terminal that is too narrow.
    enum class Fit {
        whole, ///< not at all, such as a UUID
        shortened, ///< its names lose their middles
        optional, ///< its texts lose their ends; then it is left out
    };
    struct Heading {
        std::string text;
        Fit fit = Fit::shortened;
    };
    struct Cell {
        std::string text;
        Ink ink = Ink::plain;
    };
    enum class Padding {
        fitted, ///< aligned; on a terminal, in its width
        aligned,
        none, ///< a blank in a cell is \x20, so that each cell is a word
    };

    explicit Table(std::vector<Heading> headings);

    void add(std::vector<Cell> row);
    bool is_empty() const { return rows_.empty(); }
    std::string text(
        const Screen& screen, bool has_headings, Padding padding) const;

private:
    std::size_t content_width(std::size_t column) const;
    std::vector<std::size_t> widths(bool has_headings) const;
    void fit(std::vector<std::size_t>& widths, std::size_t total) const;
    bool narrow_widest(std::vector<std::size_t>& widths) const;

    std::vector<Heading> headings_;
    std::vector<std::vector<Cell>> rows_;
};
