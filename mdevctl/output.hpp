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

/// Text with its control characters spelled out, so that no name can speak to
/// a terminal.
std::string harmless(std::string_view text);

/// What a command prints: collected, then written at once.
class Output {
public:
    /// Begins with our own words.
    explicit Output(std::string text = {});

    /// Our own words.
    Output& text(std::string_view words);
    /// Somebody else's: harmless on a terminal, as they are everywhere else.
    Output& name(std::string_view words);
    /// Throws Error unless all of it was written.
    void send(int fd = STDOUT_FILENO) const;

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

/// Prints a UUID that was made for a device; `deed` tells on stderr what has
/// been done to it if nobody can read that.
void print_generated(const mdev::Uuid& uuid, std::string_view deed);

/// One line on stderr.
void print_message(std::string_view label, std::string_view text);

/// What the library says goes to stderr, down to `level`.
mdev::LogFunction log_to_stderr(mdev::LogLevel level);
