// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

class Arguments;

/// The existing devices that a command is about: completion offers them.
enum class Devices {
    none,
    active,
    defined,
    all,
    to_define, ///< active without a definition; or the device is new
    to_start, ///< defined but not active; or the device is new
};

struct Option {
    std::string_view name; ///< without dashes
    char letter; ///< of the short form; 0 if there is none
    std::string_view value; ///< the name of the value in help; empty for a flag
    std::string_view help; ///< complete sentences
    /// What the command is about with this option; none if that is unchanged.
    Devices devices = Devices::none;
};

/// An option of mdevctl itself and of lsmdev.
constexpr Option version_option{"version", 'V', "", "Print the version."};

/// An option of every command, beside those of its row.
constexpr Option help_option{"help", 'h', "",
    "Show help for the command, or the general help if no command is "
    "specified."};

/// A rule about which options can be combined.
struct Rule {
    enum class Kind {
        any, ///< at least one of `options` is required
        one, ///< at most one of `options` is allowed
        excludes, ///< with `option`, none of `options` is allowed
        needs, ///< with `option`, at least one of `options` is required
    };
    Kind kind;
    std::string_view option;
    std::vector<std::string_view> options;
    /// A further sentence for the message about a violation. The name of an
    /// option's value in it, such as PARENT, is replaced by the value.
    std::string_view hint = {};
};

/// The operands of a command.
enum class Operands {
    none,
    one,
    uuids, ///< any number of UUIDs, beside that of `--uuid`
};

/// An example: a command line and its effect.
struct Example {
    std::string_view line;
    std::string_view meaning;
};

/// Runs a command; returns the exit status.
using RunCommand = int(
    const mdev::Environment& env, const Arguments& arguments);

/// A row of the table of commands. The parser, help, completion and suggestions
/// read it.
struct Command {
    std::string_view name;
    /// The names that other programs use for this command. They are not
    /// commands; the error message suggests the command's name.
    std::vector<std::string_view> synonyms = {};
    Operands operands = Operands::none;
    std::string_view operand = {}; ///< its name in help
    std::string_view summary;
    std::string_view description;
    RunCommand* run;
    std::vector<Option> options = {};
    std::vector<Rule> rules = {};
    std::vector<Example> examples = {};
    Devices devices = Devices::none;
    /// Whether the command only reads, so that the beginning of a UUID will do.
    bool is_reading = false;
    bool is_listed = true; ///< whether `mdevctl --help` lists it
};

/// An invalid command line.
class UsageError : public std::runtime_error {
public:
    UsageError(const Command* command, const std::string& message)
        : std::runtime_error(message),
          command_(command)
    {
    }
    /// The command whose help explains more; null for the program's help.
    const Command* command() const noexcept { return command_; }

private:
    const Command* command_;
};

/// Returns the table, in the order of help.
const std::vector<Command>& commands();

/// Returns the command of that name, null if there is none.
const Command* find_command(std::string_view name);
/// Returns the command of that name; throws UsageError if there is none.
const Command& needed_command(std::string_view name);

/// Returns the command's option of that name, null if there is none.
const Option* find_option(const Command& command, std::string_view name);

/// Returns the usage lines of a command: what it needs, and that it has
/// options.
std::string usage(const Command& command);

/// Returns "; did you mean 'NAME'?" if the misspelled word probably stands for
/// one of the names, because a name begins with the word or differs by few
/// typing errors; otherwise an empty text.
std::string did_you_mean(
    std::string_view word, const std::vector<std::string>& names);

RunCommand run_apply, run_define, run_diff, run_doctor, run_export, run_list,
    run_modify, run_monitor, run_show, run_start, run_start_all,
    run_start_parent, run_stop, run_test_callout, run_types, run_undefine;
