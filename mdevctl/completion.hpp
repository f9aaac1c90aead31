// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command_line.hpp"

#include <mdev/environment.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What `mdevctl complete PROGRAM WORD...` prints for shells: what the last
/// word, which may be empty, can become. PROGRAM is mdevctl or lsmdev. Each
/// line is a word and, after a tab, its meaning. A line `:files` stands for the
/// names of files. Mistakes in the words are not reported.
std::string completions(
    const std::vector<std::string>& words, const mdev::Environment& env);

struct Candidate {
    std::string word;
    std::string meaning;
};

/// The word that stands for the names of files.
constexpr std::string_view file_names = ":files";

/// What a value can be, of an option or of the operand: `kind` is what help
/// calls the value (UUID, PARENT, FILE, …), `line` what is given beside it.
std::vector<Candidate> values(const Command& command, std::string_view kind,
    const CommandLine& line, const mdev::Environment& env);
