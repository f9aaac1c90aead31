// SPDX-License-Identifier: LGPL-2.1-or-later
#include "progress.hpp"

#include "output.hpp"
#include "screen.hpp"
#include "streams.hpp"

#include <algorithm>
#include <atomic>
#include <unistd.h>

namespace {

// The text on the line of the cursor is global, because the process has one
// terminal. The library logs from several threads.
std::atomic<bool> is_line_shown = false;

}

Progress::Progress(std::size_t total, bool is_quiet)
    : total_(total),
      is_shown_(!is_quiet && isatty(STDERR_FILENO) == 1)
{
}

Progress::~Progress()
{
    erase();
}

void Progress::step(std::string_view what)
{
    ++done_;
    if (total_ > 0)
        say(std::to_string(done_) + " of " + std::to_string(total_) + ": " +
            std::string(what));
}

void Progress::say(std::string_view what)
{
    if (!is_shown_)
        return;
    const auto screen = screen_of(STDERR_FILENO);
    if (!screen.can_erase)
        return;
    const auto text = shortened(escaped(what),
        screen.width - std::min<std::size_t>(screen.width, 1),
        screen.symbol("\u2026", "~"), Cut::end);
    write_all(STDERR_FILENO, std::string(erase_line) + text);
    is_line_shown = true;
}

void Progress::say_wait(std::string_view what)
{
    if (is_shown_ && !screen_of(STDERR_FILENO).can_erase)
        write_all(STDERR_FILENO, escaped(what) + "\n");
    else
        say(what);
}

void Progress::erase()
{
    if (is_line_shown)
        write_all(STDERR_FILENO, erase_line);
    is_line_shown = false;
}
