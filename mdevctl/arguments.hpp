// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "command_line.hpp"

#include <mdev/environment.hpp>
#include <mdev/manager.hpp>
#include <mdev/uuid.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Returns a sentence about the violation of the rule by these options; an
/// empty text if the rule allows them.
std::string violation(
    const Rule& rule, const std::vector<std::string_view>& given);

/// What a command is called with, checked against its row of the table.
class Arguments {
public:
    /// Throws UsageError if the line has a mistake or breaks a rule of the
    /// command. Keeps a reference to the command. `env` is where UUIDs are
    /// looked up that are not whole.
    Arguments(
        const Command& command, CommandLine line, const mdev::Environment& env);

    bool has(std::string_view option) const;
    std::optional<std::string> value(std::string_view option) const;
    /// The id of the type of `--type`, which may be the vendor's name, for a
    /// device of `parent`; nothing without the option. Throws Error if several
    /// types have the name.
    std::optional<std::string> type_id(const std::string& parent) const;
    /// The operand, of a command that takes one.
    const std::string& operand() const { return line_.operands.front(); }
    const Command& command() const { return command_; }
    /// The UUIDs: that of `--uuid` and the operands. Throws UsageError if one
    /// is not a UUID, nor, for a command that only reads, the beginning of that
    /// of one device.
    std::vector<mdev::Uuid> uuids() const;
    /// The first of them.
    std::optional<mdev::Uuid> uuid() const;
    /// Whether devices and parents of other frameworks than mdev are omitted:
    /// with `--dumpjson`, because its readers, such as libvirt, would take them
    /// for mediated devices; but not if a device, a parent or everything is
    /// requested.
    bool is_for_mdev_only() const;
    /// The UUID, of a command whose rules require it.
    mdev::Uuid needed_uuid() const { return *uuid(); }
    /// The definition in the file `--jsonfile`, of the required `--parent` and
    /// of `--uuid` or a random UUID. Throws Error, UsageError.
    mdev::Definition definition() const;
    /// The value of `--index`; throws UsageError if it is not a number.
    std::optional<std::size_t> index() const;
    /// The value of `--wait`, zero without; throws UsageError if it is not a
    /// number of seconds.
    std::chrono::seconds wait() const;
    /// The value of `--timeout`, nothing without; throws UsageError if it is
    /// not a number of seconds.
    std::optional<std::chrono::seconds> timeout() const;
    /// The value of `--retries`, zero without; throws UsageError if it is not a
    /// number.
    unsigned retries() const;
    /// The value of `--color`: auto, always or never.
    std::string color() const;
    /// The device that `--uuid`, `--parent`, `--type` and `--auto` specify.
    mdev::DeviceSpec spec() const;
    /// Throws UsageError unless the option is missing or its value one of
    /// these; returns the value, `missing` without.
    std::string choice(std::string_view option,
        const std::vector<std::string>& words, std::string_view missing) const;
    /// Throws UsageError with this sentence.
    [[noreturn]] void refuse(const std::string& sentence) const;

private:
    [[noreturn]] void refuse_operand(const std::string& word) const;
    void resolve_names();
    std::string hint(const Rule& rule) const;
    mdev::Uuid parse_uuid(const std::string& text) const;
    std::optional<std::uint32_t> number(
        std::string_view option, const std::string& meaning) const;

    const Command& command_;
    CommandLine line_;
    mdev::Environment env_;
};
