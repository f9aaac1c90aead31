// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command.hpp"

#include <mdev/environment.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What `mdevctl complete PROGRAM WORD...` prints for shells: what the last
/// word, which may be empty, can become; PROGRAM is mdevctl or lsmdev. A line
/// for each: the word, and behind a tab what it is. A line `:files` stands for
/// the names of files. Nothing that is wrong is told here.
std::string completions(
    const std::vector<std::string>& words, const mdev::Environment& env);

struct Candidate {
    std::string word;
    std::string meaning;
};

using GivenOptions = std::map<std::string_view, std::string>;

/// The word that stands for the names of files.
constexpr std::string_view file_names = ":files";

/// What the value of `option` can be beside what is given already.
std::vector<Candidate> values(const Command& command, std::string_view option,
    const GivenOptions& given, const mdev::Environment& env);

/// The parents that the machine has.
std::vector<Candidate> present_parents(const mdev::Environment& env);
