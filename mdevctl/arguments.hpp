// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command_line.hpp"

#include <mdev/manager.hpp>
#include <mdev/uuid.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Returns what is wrong if these options are given, as a sentence; an empty
/// text if the rule allows them.
std::string violation(
    const Rule& rule, const std::vector<std::string_view>& given);

/// What a command is called with, checked against its row of the table.
class Arguments {
public:
    /// Throws UsageError if the line has a mistake or breaks a rule of the
    /// command. Keeps a reference to the command.
    Arguments(const Command& command, CommandLine line);

    bool has(std::string_view option) const;
    std::optional<std::string> value(std::string_view option) const;
    /// The operand, of a command that takes one.
    const std::string& operand() const { return line_.operands.front(); }
    const Command& command() const { return command_; }
    /// The value of `--uuid`; throws UsageError if it is not a UUID.
    std::optional<mdev::Uuid> uuid() const;
    /// The value of `--uuid`, of a command whose rules require it.
    mdev::Uuid needed_uuid() const { return *uuid(); }
    /// The definition in the file `--jsonfile`, of the required `--parent` and
    /// of `--uuid` or a random UUID. Throws Error, UsageError.
    mdev::Definition definition() const;
    /// The operand; throws UsageError if it is not a UUID.
    mdev::Uuid operand_uuid() const;
    /// The value of `--index`; throws UsageError if it is not a number.
    std::optional<std::size_t> index() const;
    /// The value of `--wait`, zero without; throws UsageError if it is not a
    /// number of seconds.
    std::chrono::seconds wait() const;
    /// The value of `--timeout`, nothing without; throws UsageError if it is
    /// not a number of seconds.
    std::optional<std::chrono::seconds> timeout() const;
    /// The same for `--retries`.
    unsigned retries() const;
    /// The device that `--uuid`, `--parent`, `--type` and `--auto` specify.
    mdev::DeviceSpec spec() const;

private:
    [[noreturn]] void refuse(const std::string& sentence) const;
    mdev::Uuid parse_uuid(const std::string& text) const;
    std::optional<std::uint32_t> number(
        std::string_view option, const std::string& meaning) const;

    const Command& command_;
    CommandLine line_;
};
