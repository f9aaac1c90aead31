// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <memory>
#include <string>
#include <vector>

namespace mdev {

/// How much a finding matters. Numbers are never reused.
enum class Severity {
    warning = 1, ///< something is unusual, or will not work as intended
    error = 2, ///< something is broken, or writable by other users
};

/// One problem of the system. Any thread may use any copy.
class Finding {
public:
    /// The kind of problem, a word that never changes, such as
    /// `definition-broken`. mdevctl-doctor(7) describes each of them.
    const std::string& id() const noexcept;
    /// How much the problem matters.
    Severity severity() const noexcept;
    /// What the problem is about: a path, a UUID or the name of a parent.
    const std::string& subject() const noexcept;
    /// The problem in one sentence, without a final full stop or newline.
    const std::string& message() const noexcept;
    /// The remedy, in one sentence, without a final full stop or newline.
    const std::string& advice() const noexcept;
    /// The command that does what advice() says, quoted for a shell. Empty if
    /// no single command does that. Replace a word in capital letters, such as
    /// PARENT.
    const std::string& command() const noexcept;

private:
    friend struct Access;
    struct Impl;
    explicit Finding(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Examines the kernel's parents and devices, the definitions, the scripts and
/// the automatic start at boot. Returns the problems; nothing on a healthy
/// system. Changes nothing, runs no script and does not fail: a file that
/// cannot be read is a finding.
std::vector<Finding> diagnose(const Environment& env);

/// Returns what `mdevctl doctor --json` prints, without the final newline:
/// `{"version": 1, "findings": [{"id", "severity", "subject", "message",
/// "advice", "command"}…]}`.
std::string to_json(const std::vector<Finding>& findings);

}
