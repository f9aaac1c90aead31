// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The words after a command's name, as options and operands: of a command to
/// run, or of a line that is still being typed. Which options may stand
/// together is not checked here (see Arguments).
struct CommandLine {
    /// Each option that was given, with its value; the value of a flag is "".
    std::map<std::string, std::string, std::less<>> values;
    std::vector<std::string> operands;
    /// Whether "--" was among the words: the words after it are operands.
    bool only_operands = false;
    /// The option whose value the next word must be; null if there is none.
    const Option* waiting = nullptr;
    /// The first mistake in the words, as a sentence; empty if there is none.
    std::string mistake;
};

/// Reads the words. Reads on after a mistake.
CommandLine read_command_line(
    const Command& command, const std::vector<std::string>& words);

/// A word `--NAME=VALUE`, taken apart.
struct OptionWithValue {
    std::string option; ///< with its dashes
    std::string value;
};

/// Returns nothing if the word has another form.
std::optional<OptionWithValue> split_at_equals(const std::string& word);

/// Returns the option as messages show it: `'--NAME'`.
std::string dashed(std::string_view option);
