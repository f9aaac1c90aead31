// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// When a script is called, as mdevctl-callouts(7) tells its author.
enum class CalloutEvent {
    get, ///< it is asked what it knows
    pre, ///< before the command, which it may refuse
    live, ///< it is to change the running device itself
    post, ///< after the command, whatever came of it
    notify, ///< a notifier hears how it went
};

/// What is being done to the device, or what is asked about it.
enum class CalloutAction {
    start, ///< the device is made
    stop, ///< the device is removed
    define, ///< its definition is added
    undefine, ///< its definition is removed
    modify, ///< its definition, or with `live` the device, is changed
    attributes, ///< with `get`: what the running device has
    capabilities ///< with `get`: what the script supports
};

/// How the command itself went; `none` before it.
enum class CalloutState {
    none, ///< it has not been done, or not yet
    success, ///< it did what it says
    failure, ///< it threw
};

/// How one script answered. Any thread may use any copy.
class CalloutResult {
public:
    /// The script's absolute path.
    const std::filesystem::path& script() const noexcept;
    /// Whether it exited with status 0.
    bool is_accepted() const noexcept;
    /// The script's exit status; nothing if the script did not exit by itself
    /// (it was killed, timed out, was cancelled, or could not be executed).
    std::optional<int> exit_status() const noexcept;
    /// Why not: "it exited with status 1", "it was killed by signal 11", "it
    /// did not end within 60 s" and the like; empty if it accepted.
    const std::string& reason() const noexcept;
    /// What it wrote to stdout, at most 1 MiB.
    const std::string& output() const noexcept;
    /// What it wrote to stderr, at most 1 MiB.
    const std::string& errors() const noexcept;

private:
    friend struct Access;
    struct Impl;
    explicit CalloutResult(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// The vendors' scripts: which there are, which serves a device, and what they
/// answer. It knows the protocol, not the commands: their order is Manager's.
///
/// It lists the scripts once and remembers, for each parent and type, which
/// versioned script serves it and which scripts said "not my type": make a new
/// one to look again. Copies share what they remember; any thread may use any
/// copy. Scripts are direct children of the calling process, run without a
/// shell and no longer than the environment's limit.
class CalloutEngine {
public:
    /// Lists the scripts. Throws Error if one of their directories cannot be
    /// read.
    explicit CalloutEngine(const Environment& env);

    /// Whether there is any callout script or notifier at all.
    bool has_scripts() const;
    /// The versioned script that alone serves devices like this one; nothing
    /// if there is none.
    std::optional<std::filesystem::path> versioned_script(
        const Definition& definition) const;

    /// Asks the scripts in order until one does not answer 2 ("not my type");
    /// nothing if all do, or if the versioned script does not list this event
    /// or action.
    std::optional<CalloutResult> run(CalloutEvent event, CalloutAction action,
        const Definition& definition) const;
    /// The `post` event of the script that served `pre`.
    std::optional<CalloutResult> post(const std::optional<CalloutResult>& pre,
        CalloutAction action, CalloutState state,
        const Definition& definition) const;
    /// Calls every notifier, in order.
    std::vector<CalloutResult> notify(CalloutAction action, CalloutState state,
        const Definition& definition) const;

    /// What the scripts say about an active device's attributes. Throws Error
    /// (Errc::callout_rejected) if the script fails or makes no sense.
    std::vector<Attribute> attributes(const Definition& device) const;
    /// Puts each active device's attributes into it; where a script fails, the
    /// device is left as it is. Throws Error (Errc::cancelled). Runs as many
    /// scripts at a time as there are processors.
    void add_attributes(std::vector<Definition>& devices) const;

    /// The same engine for scripts that run while the store is locked: their
    /// environment says so to a command that they may start.
    CalloutEngine under_lock() const;

private:
    friend struct Access;
    struct Impl;
    explicit CalloutEngine(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
