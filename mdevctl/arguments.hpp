// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command.hpp"

#include <mdev/manager.hpp>
#include <mdev/uuid.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// A command line that makes no sense; its text names what is wrong.
class UsageError : public std::runtime_error {
public:
    UsageError(const Command* command, const std::string& message)
        : std::runtime_error(message),
          command_(command)
    {
    }
    /// Whose help to read; null for the program's own.
    const Command* command() const noexcept { return command_; }

private:
    const Command* command_;
};

/// What stood behind a command's name, checked against its table row.
class Arguments {
public:
    /// Throws UsageError.
    Arguments(const Command& command, const std::vector<std::string>& words);

    bool has(std::string_view option) const;
    std::optional<std::string> value(std::string_view option) const;
    const std::string& operand() const { return operand_; }
    /// Whose arguments these are.
    const Command& command() const { return command_; }
    /// The value of `--uuid`; throws UsageError if it is none.
    std::optional<mdev::Uuid> uuid() const;
    /// The value of `--index`; throws UsageError if it is no number.
    std::optional<std::size_t> index() const;
    /// What `--uuid`, `--parent`, `--type` and `--auto` say of a device.
    mdev::DeviceSpec spec() const;
    /// The value of `--wait`, zero without; throws UsageError if it is no
    /// number of seconds.
    std::chrono::seconds wait() const;
    /// The operand; throws UsageError if it is no UUID.
    mdev::Uuid operand_uuid() const;
    /// For one whose rules say that it is there.
    mdev::Uuid needed_uuid() const { return *uuid(); }

private:
    void add(const std::string& option, const std::string& value);
    void check(const Rule& rule) const;

    const Command& command_;
    std::map<std::string, std::string, std::less<>> values_;
    std::string operand_;
};

/// Whether help is asked for, whatever else is said after it.
bool asks_for_help(const std::vector<std::string>& words);
