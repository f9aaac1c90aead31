// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/callout_engine.hpp>
#include <mdev/uuid.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mdev {

/// What came of a command for one device, as a Manager's listener hears it. Any
/// thread may use any copy.
class Outcome {
public:
    /// What was to be done: define, undefine, modify, start or stop.
    CalloutAction action() const noexcept;
    /// The same as a word, such as `start`; valid for ever.
    const char* word() const noexcept;
    /// The device.
    const Uuid& uuid() const noexcept;
    /// Its parent; empty where nobody knows.
    const std::string& parent() const noexcept;
    /// Its type; empty where nobody knows.
    const std::string& type_id() const noexcept;
    /// Whether it is other than before or, in a dry run, would be.
    bool is_changed() const noexcept;
    /// What modify changed: `type`, `start`, `attrs`, `others` for members that
    /// this library does not know.
    const std::vector<std::string>& differences() const noexcept;
    /// Why it failed, a sentence as of Error::what(); empty if it did not.
    const std::string& error() const noexcept;
    /// What the program prints with `--json`, one line without its end: an
    /// object with `action`, `uuid`, `parent`, `type`, `changed`, `differs` and
    /// `error`; mdevctl(8) describes it.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit Outcome(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Hears what came of a command, in the thread that gave it, while the store is
/// not locked. It must not throw.
using OutcomeFunction = std::function<void(const Outcome&)>;

}
