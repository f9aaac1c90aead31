// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "arguments.hpp"

#include <mdev/error.hpp>
#include <mdev/manager.hpp>

#include <optional>
#include <string>

class Output;

/// A command that changes devices, and the report of its results: with `--json`
/// an object in a line for each device; in words, if the command is about
/// several devices (`--all`) or a dry run, a line for each that changes.
class Report {
public:
    enum class Words { by_options, always };

    Report(const mdev::Environment& env, const Arguments& arguments,
        Words words = Words::by_options);
    Report(const Report&) = delete;
    Report& operator=(const Report&) = delete;

    /// Returns a manager that obeys the options (`--force`, `--dry-run`,
    /// `--if-needed`, `--if-unused`, `--wait`, `--timeout`), can be
    /// interrupted, and reports here. From here on signals end nothing by
    /// themselves (see interruptible()): read files before.
    mdev::Manager manager();
    /// How many devices have changed, or would change.
    std::size_t changes() const { return changes_; }
    /// Prints a line in addition.
    void say(const std::string& text);
    /// Throws Error if something could not be printed. For a command that
    /// changes nothing: if nobody reads the pipe, it ends without a word.
    void check_printed() const;
    /// Ends a command that succeeded: returns the exit status. Throws Error,
    /// which names a result, if that could not be printed.
    int finish() const;
    /// Also prints the UUID if it was generated, unless the report has it;
    /// `verb` is what has been done with the device.
    int finish(const mdev::Uuid& uuid, const char* verb) const;

private:
    void add(const mdev::Outcome& outcome);
    void print(const Output& output, const std::string& result);
    [[noreturn]] static void fail(
        const mdev::Error& error, const std::string& result);

    const mdev::Environment& env_;
    const Arguments& arguments_;
    bool as_json_;
    bool in_words_;
    std::size_t changes_ = 0;
    std::optional<mdev::Error> failure_; ///< the first one
    std::string result_; ///< what it concealed
};
