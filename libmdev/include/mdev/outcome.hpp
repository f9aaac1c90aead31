// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/callout_engine.hpp>
#include <mdev/device_user.hpp>
#include <mdev/uuid.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace mdev {

/// The result of a command for one device. The commands of a Manager return
/// results, its listener receives them, and Error::outcomes() has those of the
/// devices that failed. Any thread may use any copy.
class Outcome {
public:
    /// The command: define, undefine, modify, start or stop.
    CalloutAction action() const noexcept;
    /// The command as a word, such as `start`; a static string.
    const char* word() const noexcept;
    /// The UUID of the device; nil if the command failed before it chose one.
    const Uuid& uuid() const noexcept;
    /// The name of its parent; empty if unknown.
    const std::string& parent() const noexcept;
    /// The id of its type; empty if unknown.
    const std::string& type_id() const noexcept;
    /// Whether the command has changed something or, in a dry run, would change
    /// it.
    bool is_changed() const noexcept;
    /// What modify has changed: `type`, `start`, `attrs`, and `others` for
    /// unknown members.
    const std::vector<std::string>& differences() const noexcept;
    /// The definition before the command or, if the command changes the active
    /// device, that device as a Definition. A device that is stopped has no
    /// attributes here. Nothing if the command adds the definition or device,
    /// if it cannot be read, or if the command failed before reading it.
    const std::optional<Definition>& before() const noexcept;
    /// The definition after the command or, if the command changes the active
    /// device, that device as a Definition. In a dry run, the expected one.
    /// Nothing if the command removes it or has failed.
    const std::optional<Definition>& after() const noexcept;
    /// The reason of the failure, one sentence like Error::what(); empty on
    /// success.
    const std::string& error() const noexcept;
    /// The Error::code() of the failure; zero on success, and if a function of
    /// the caller threw something else.
    std::error_code code() const noexcept;
    /// The kernel's own error; see Error::cause().
    std::error_code cause() const noexcept;
    /// The processes that have the device open, if the command failed because
    /// of them; see Error::users().
    const std::vector<DeviceUser>& users() const noexcept;
    /// Returns the line that `mdevctl` prints with `--json`, without its
    /// newline: an object with `action`, `uuid`, `parent`, `type`, `changed`,
    /// `differs`, `error` and, if the device is in use, `users`; see
    /// mdevctl(8).
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit Outcome(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Receives the results of a command, in the thread that called the command and
/// while the store is not locked. The function must not throw.
using OutcomeFunction = std::function<void(const Outcome&)>;

}
