// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <string>
#include <vector>

/// Returns what `mdevctl complete PROGRAM WORD...` prints for shells: what the
/// last word, which may be empty, can become. PROGRAM is mdevctl or lsmdev.
/// Each line is a word and, after a tab, its meaning. A line `:files` stands
/// for the names of files. Mistakes in the words are not reported.
std::string completions(
    const std::vector<std::string>& words, const mdev::Environment& env);
