// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>
#include <mdev/parent_device.hpp>
#include <mdev/uuid.hpp>

#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

/// Returns the text with each byte that is not printable UTF-8 as `\xNN` (a
/// line break as `\n`), so that no name can send commands to a terminal.
std::string escaped(std::string_view text);

/// What a command prints: collected, then written at once.
class Output {
public:
    Output();

    /// Appends the program's own words.
    Output& text(std::string_view words);
    /// Appends words of others, such as names: escaped if stdout is a terminal,
    /// otherwise unchanged.
    Output& untrusted(std::string_view words);
    /// Writes all of it to stdout; throws Error if that fails.
    void send() const;

private:
    bool terminal_;
    std::string text_;
};

enum class Attributes { hidden, shown };

/// How a definition says it: `auto` or `manual`.
const char* word(mdev::StartMode start);

/// `mark` stands behind the line: ` (defined)`, ` (active)` or nothing.
void append_device(Output& output, const mdev::Definition& device,
    std::string_view mark, Attributes attributes);
void append_parent(Output& output, const mdev::ParentDevice& parent);

/// Prints a UUID that was generated for a device. If that fails, throws Error
/// with the UUID and `verb`, which is what has been done with the device.
void print_generated(const mdev::Uuid& uuid, std::string_view verb);
