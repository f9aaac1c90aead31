// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "arguments.hpp"
#include "changes.hpp"
#include "progress.hpp"

#include <mdev/error.hpp>
#include <mdev/host_state.hpp>
#include <mdev/manager.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

class Output;

/// Throws Error if a command has failed for some of `count` devices; `verb`
/// names the failed operation.
void check_errors(const std::vector<mdev::Error>& errors, std::size_t count,
    const char* verb);

/// A command that changes devices, and the report of its results. With
/// `--json`, the report has an object in a line for each device. Otherwise it
/// has a line for each device that changes, if the command is for several
/// devices (`--all`) or a dry run. With `--quiet`, there is no report.
class Report {
public:
    enum class Words {
        by_options,
        always,
        as_changes, ///< at a terminal as change_lines(), with a summary
    };

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
    /// From here on, shows the names that the state file has for UUIDs to a
    /// person.
    void show_names(const mdev::HostState& state);
    /// From here on, shows at a terminal how many of `total` results there are;
    /// with Words::as_changes, how many of `total` changes.
    void show_progress(std::size_t total);
    /// Says at a terminal what the command waits for.
    void say_wait(const std::string& what);
    /// Executes the command for each UUID, also after one that fails. Each
    /// error is printed. Throws Error at the end if some have failed.
    void for_each(const std::vector<mdev::Uuid>& uuids, const char* verb,
        const std::function<void(const mdev::Uuid&)>& command);
    /// Prints a line in addition.
    void say(const std::string& text);
    /// Throws Error if something could not be printed. For a command that
    /// changes nothing: if nobody reads the pipe, the command ends silently.
    void check_printed() const;
    /// At a terminal, prints how many things are to change, or `is_done`.
    void say_summary(bool is_done);
    /// At a terminal, says that nothing is to change.
    void say_unchanged();
    /// Ends a command that succeeded: returns the exit status. Throws Error,
    /// which names a result, if that could not be printed.
    int finish() const;
    /// Also prints the UUID if it was generated, unless the report has it;
    /// `verb` names the operation.
    int finish(const mdev::Uuid& uuid, const char* verb) const;

private:
    void pass_on(mdev::LogLevel level, std::string_view message);
    void add(const mdev::Outcome& outcome);
    void append_line(Output& output, const mdev::Outcome& outcome) const;
    void say_unknown() const;
    void print(const Output& output, const std::string& result);
    [[noreturn]] static void fail(
        const mdev::Error& error, const std::string& result);

    const mdev::Environment& env_;
    const Arguments& arguments_;
    bool as_json_;
    bool in_words_;
    bool counts_changes_; ///< not the devices that stay as they are
    bool shows_changes_; ///< as change_lines()
    Screen screen_;
    std::map<mdev::Uuid, std::string> names_;
    ChangeCount count_;
    std::size_t changes_ = 0;
    std::unique_ptr<Progress> progress_; ///< never null
    std::optional<mdev::Error> failure_; ///< the first one
    std::string result_; ///< what it concealed
};
