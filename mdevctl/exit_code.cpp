// SPDX-License-Identifier: LGPL-2.1-or-later
#include "exit_code.hpp"

#include "command.hpp"
#include "streams.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>

using mdev::Errc;

namespace {

constexpr int exit_permission = 11;

int exit_code(const mdev::Error& error)
{
    if (error.code().category() != mdev::error_category()) {
        const bool denied =
            error.code().value() == EACCES || error.code().value() == EPERM;
        return denied ? exit_permission : EXIT_FAILURE;
    }
    const auto errc = static_cast<Errc>(error.code().value());
    for (const auto& row : exit_codes())
        if (std::count(row.errors.begin(), row.errors.end(), errc) != 0)
            return row.number;
    return EXIT_FAILURE;
}

}

const std::vector<ExitCode>& exit_codes()
{
    static const std::vector<ExitCode> table = {
        {EXIT_SUCCESS, "Success.", {}},
        {EXIT_FAILURE, "General error.", {}},
        {exit_usage, "The command line is invalid.",
            {Errc::invalid_name, Errc::incomplete}},
        {3, "The device is not defined.", {Errc::not_defined}},
        {4, "The device is not active.", {Errc::not_active}},
        {5, "The device is already defined or active.",
            {Errc::already_defined, Errc::already_active}},
        {6, "The parent device does not exist.", {Errc::no_such_parent}},
        {7, "The parent does not offer the type.", {Errc::no_such_type}},
        {8, "The parent has no available instance.", {Errc::no_instance_left}},
        {9, "A callout script rejected the operation.",
            {Errc::callout_rejected}},
        {10, "A definition is invalid.", {Errc::invalid_definition}},
        {exit_permission, "Permission denied; most commands require root.", {}},
        {12, "A time limit was exceeded.", {Errc::timed_out}},
        {13, "Some of several devices failed.", {Errc::partial_failure}},
        {14, "Several definitions match; specify a parent.", {Errc::ambiguous}},
        {15, "No script or driver supports the operation.",
            {Errc::not_supported}},
        {16,
            "The caller of this command holds the lock that the command needs.",
            {Errc::lock_held}},
        {17, "The command was interrupted.", {Errc::cancelled}},
        {exit_warnings, "'mdevctl doctor' found warnings, but no errors.", {}},
        {exit_errors, "'mdevctl doctor' found errors.", {}},
        {exit_differs, "'mdevctl diff' found differences.", {}},
        {21, "A process has the device open.", {Errc::in_use}},
    };
    return table;
}

namespace {

/// The text with a capital in front, unless that is a name.
std::string sentence(std::string text)
{
    const auto end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
    if (end != text.npos && end > 0 && text[end] == ' ')
        text.front() = static_cast<char>(std::toupper(text.front()));
    return text;
}

}

int explain(const std::exception& error)
{
    const auto* failure = dynamic_cast<const mdev::Error*>(&error);
    // A reader that closes the pipe, as in `mdevctl types | head -1`, has read
    // enough. The program ends as others do; where SIGPIPE is ignored, with the
    // message.
    if (failure && failure->subject() == "stdout" &&
        failure->cause() == std::errc::broken_pipe)
        raise(SIGPIPE);
    print_message("Error", sentence(error.what()));
    if (const auto* usage = dynamic_cast<const UsageError*>(&error)) {
        std::string name;
        if (usage->command())
            name.append(usage->command()->name).append(" ");
        print_message("Hint", "read 'mdevctl " + name + "--help'");
        return exit_usage;
    }
    return failure ? exit_code(*failure) : EXIT_FAILURE;
}
