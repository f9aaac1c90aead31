// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <memory>
#include <string>
#include <vector>

namespace mdev {

/// How much a finding matters. Numbers are never reused.
enum class Severity {
    warning = 1, ///< something is odd, or will not work as it is meant
    error = 2, ///< something is broken, lost or open to others
};

/// One thing that is wrong with the system. Any thread may use any copy.
class Finding {
public:
    /// What is wrong, as a word that stays the same for ever, such as
    /// `definition-broken`: mdevctl-doctor(7) has a section for each.
    const std::string& id() const noexcept;
    /// How much it matters.
    Severity severity() const noexcept;
    /// What it is about: a path, a UUID or a parent's name.
    const std::string& subject() const noexcept;
    /// What is wrong, one sentence without a final stop or newline.
    const std::string& message() const noexcept;
    /// What to do about it, of the same form.
    const std::string& advice() const noexcept;

private:
    friend struct Access;
    struct Impl;
    explicit Finding(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Looks at everything that mediated devices depend on (the kernel's parents
/// and devices, the definitions, the scripts, what starts devices at boot) and
/// says what is wrong; nothing on a healthy system. It changes nothing, runs no
/// script and does not fail: what cannot be looked at is a finding.
std::vector<Finding> diagnose(const Environment& env);

/// What `mdevctl doctor --json` prints, without the final newline:
/// `{"version": 1, "findings": [{"id", "severity", "subject", "message",
/// "advice"}…]}`.
std::string to_json(const std::vector<Finding>& findings);

}
