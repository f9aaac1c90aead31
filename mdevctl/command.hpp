// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

class Arguments;

/// The devices that a command is about, of those that exist.
enum class Devices {
    none,
    active,
    defined,
    all,
    to_define, ///< active ones without a definition; the command takes new ones
    to_start, ///< defined ones that are not active; it takes new ones
};

struct Option {
    std::string_view name; ///< without its dashes
    char letter; ///< 0 if it has no short form
    std::string_view value; ///< what its value is called; empty for a flag
    std::string_view help; ///< complete sentences
    Devices devices = Devices::none; ///< what the command is about with it
};

/// What the program and lsmdev have.
constexpr Option version_option{"version", 'V', "", "Prints the version."};

/// What every command has.
constexpr Option help_option{
    "help", 'h', "", "Prints this text, or that of the command before it."};

/// Which options may stand together.
struct Rule {
    enum class Kind {
        any, ///< at least one of `options` is needed
        one, ///< at most one of `options` may be given
        excludes, ///< `option` goes with none of `options`
        needs, ///< `option` needs one of `options`
    };
    Kind kind;
    std::string_view option;
    std::vector<std::string_view> options;
};

using RunCommand = int(
    const mdev::Environment& env, const Arguments& arguments);

/// A row of the table of commands: the parser, help and completion read it.
struct Command {
    std::string_view name;
    std::string_view operand; ///< what its one operand is called, if it has one
    std::string_view summary;
    std::string_view description;
    RunCommand* run;
    std::vector<Option> options = {};
    std::vector<Rule> rules = {};
    Devices devices = Devices::none;
    bool listed = true; ///< whether `mdevctl --help` names it
};

/// A command line that is invalid; its text says what is wrong.
class UsageError : public std::runtime_error {
public:
    UsageError(const Command* command, const std::string& message)
        : std::runtime_error(message),
          command_(command)
    {
    }
    /// The command whose help to read; null for the program's own.
    const Command* command() const noexcept { return command_; }

private:
    const Command* command_;
};

/// All of them, in the order in which help shows them.
const std::vector<Command>& commands();

/// The command of that name: null, or a UsageError, if there is none.
const Command* find_command(std::string_view name);
const Command& needed_command(std::string_view name);

/// The command's option of that name, null if it has none.
const Option* find_option(const Command& command, std::string_view name);

/// Each does what its command says, and returns the exit status.
RunCommand run_apply, run_define, run_diff, run_doctor, run_export, run_list,
    run_modify, run_monitor, run_show, run_start, run_start_all,
    run_start_parent, run_stop, run_test_callout, run_types, run_undefine;
