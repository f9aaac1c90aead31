// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "arguments.hpp"

#include <mdev/manager.hpp>

#include <exception>
#include <memory>

/// What comes of a command: with `--json` an object in a line for each device;
/// in words, where the command is about several devices or only says what it
/// would do, a line for each that changes.
class Report {
public:
    enum class Words { only_if_dry, always };

    Report(const Arguments& arguments, Words words);

    /// One that does what the options say (`--force`, `--dry-run`,
    /// `--if-needed`, `--wait`), can be interrupted, and tells this report.
    mdev::Manager manager(const mdev::Environment& env) const;
    /// Whether it prints in place of the command.
    bool prints() const { return as_json_ || in_words_; }
    /// How many devices have changed, or would.
    std::size_t changes() const { return heard_->changes; }
    /// Throws Error if something could not be printed.
    void finish() const;

private:
    struct Heard {
        std::size_t changes = 0;
        std::exception_ptr failure;
    };

    const Arguments& arguments_;
    bool as_json_;
    bool in_words_;
    std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();
};
