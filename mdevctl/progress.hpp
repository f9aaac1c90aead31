// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// A line on stderr, at a terminal only, that says how far a long command is.
/// It is erased when the command ends, and before each other output. There is
/// one such line.
class Progress {
public:
    /// Shows nothing yet. If `is_quiet`, or if stderr is not a terminal, it
    /// never does. `total` is the number of steps; 0 if unknown.
    Progress(std::size_t total, bool is_quiet);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Says which step is done, or what the library does.
    void step(std::string_view what);
    void say(std::string_view what);
    /// Says what the command waits for. On a terminal that cannot erase a line,
    /// the line stays.
    void say_wait(std::string_view what);

    /// Erases the line, if there is one: other output follows.
    static void erase();

private:
    std::size_t total_;
    std::size_t done_ = 0;
    bool is_shown_;
};
