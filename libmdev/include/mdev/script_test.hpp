// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace mdev {

/// What a remark of test_script() means. Numbers are never reused.
enum class RemarkKind {
    ok = 1, ///< the script follows mdevctl-callouts(7)
    note = 2, ///< a remark that is neither right nor wrong
    failure = 3, ///< the script does not follow it
};

/// One remark about a callout script. Any thread may use any copy.
class ScriptRemark {
public:
    /// What the remark means.
    RemarkKind kind() const noexcept;
    /// The kind as a word: `ok`, `note` or `FAIL`; a static string.
    const char* word() const noexcept;
    /// The tested call or property, such as `pre define`.
    const std::string& what() const noexcept;
    /// The reason of a failure; empty otherwise.
    const std::string& why() const noexcept;
    /// The line that `mdevctl test-callout --json` prints, without its newline:
    /// an object with `result`, which is word(), `what` and `why`.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit ScriptRemark(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Calls a callout script for each event and action that mdevctl-callouts(7)
/// describes, and returns remarks on its answers. The script need not be in the
/// system's directories. `device` is a device of the script's type; it need not
/// exist. The script's effects on the system are real.
///
/// The time limits and the cancel descriptor are those of `env`. Throws Error
/// if `script` does not exist or cannot be read, and (Errc::cancelled).
std::vector<ScriptRemark> test_script(const std::filesystem::path& script,
    const Definition& device, const Environment& env);

}
