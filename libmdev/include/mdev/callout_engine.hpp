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

/// When a script is called; see mdevctl-callouts(7).
enum class CalloutEvent {
    get, ///< a question: the script answers on stdout
    pre, ///< before the command, which the script may reject
    live, ///< the script itself changes the active device
    post, ///< after the command, on success and on failure
    notify, ///< notifiers are informed of the result
};

/// The operation on the device, or the question about the device.
enum class CalloutAction {
    start, ///< the device is created
    stop, ///< the device is removed
    define, ///< its definition is added
    undefine, ///< its definition is removed
    modify, ///< its definition is changed; with `live`, the device
    attributes, ///< with `get`: the attributes of the active device
    capabilities ///< with `get`: what the script supports
};

/// The result of the command so far.
enum class CalloutState {
    none, ///< the command has not run, or was refused
    success, ///< the command succeeded
    failure, ///< the command failed
};

/// The result of one call of one script. Any thread may use any copy.
class CalloutResult {
public:
    /// The script's absolute path.
    const std::filesystem::path& script() const noexcept;
    /// Whether it exited with status 0.
    bool is_accepted() const noexcept;
    /// The script's exit status; nothing if the script did not exit by itself
    /// (it was killed, timed out, was cancelled, or could not be executed).
    std::optional<int> exit_status() const noexcept;
    /// The signal that killed the script; nothing if none did, or if the
    /// library sent the signal (at a time limit, or to cancel the command).
    std::optional<int> signal() const noexcept;
    /// The reason why the script did not accept: "it exited with status 1", "it
    /// was killed by signal 11", "it did not finish within 60 s" and similar;
    /// empty if it accepted.
    const std::string& reason() const noexcept;
    /// The script's stdout, at most 1 MiB.
    const std::string& output() const noexcept;
    /// The script's stderr, at most 1 MiB. Of a longer one, the first line and
    /// the end, 512 KiB in all.
    const std::string& errors() const noexcept;

private:
    friend struct Access;
    struct Impl;
    explicit CalloutResult(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// The vendors' scripts: finds them, chooses the one that serves a device, and
/// calls it. The engine implements the protocol; Manager decides when scripts
/// are called.
///
/// The engine lists the scripts once. For each parent and type, it remembers
/// the capabilities of a script, the answer "not my type", and a time-out.
/// Construct a new engine to forget them. Copies share this memory; any thread
/// may use any copy; a child process after fork(2) begins with an empty memory.
/// Scripts are direct children of the calling process, run without a shell and
/// no longer than the environment's time limit.
class CalloutEngine {
public:
    /// Lists the scripts. Throws Error if one of their directories cannot be
    /// read.
    explicit CalloutEngine(const Environment& env);

    /// Returns a copy with the limits, the log and the cancel descriptor of
    /// `env`. The copy shares the memory of this engine. If `env` has other
    /// directories of scripts, the copy lists these and remembers nothing.
    /// Throws Error like the constructor.
    CalloutEngine with_environment(const Environment& env) const;

    /// Whether there is a callout script or a notifier.
    bool has_scripts() const;
    /// The versioned script that alone serves devices of this parent and type.
    /// Nothing if there is none, or if a script could not report its
    /// capabilities.
    std::optional<std::filesystem::path> versioned_script(
        const Definition& definition) const;

    /// Calls the scripts in order until one does not exit with status 2 ("not
    /// my type"). Returns nothing if all of them do, or if the versioned script
    /// does not list this event or action. If a script could not report its
    /// capabilities, calls no script and returns that failure: the script might
    /// be the one that alone serves the device.
    std::optional<CalloutResult> run(CalloutEvent event, CalloutAction action,
        const Definition& definition) const;
    /// Calls the script that served `pre` with the `post` event; if `pre` is
    /// nothing, a versioned script that lists `post` only. Returns nothing if
    /// no script is called.
    std::optional<CalloutResult> post(const std::optional<CalloutResult>& pre,
        CalloutAction action, CalloutState state,
        const Definition& definition) const;
    /// Calls every notifier, in order, except those that timed out before.
    /// Returns the results of the called ones.
    std::vector<CalloutResult> notify(CalloutAction action, CalloutState state,
        const Definition& definition) const;

    /// Asks the scripts for the attributes of an active device. Waits for a
    /// script that is serving a command of this process. Throws Error:
    /// Errc::callout_rejected if the script fails or its answer is invalid;
    /// Errc::timed_out; Errc::cancelled.
    std::vector<Attribute> attributes(const Definition& device) const;
    /// Sets the attributes of each active device to those that its script
    /// reports. If a script fails, its device is left unchanged. A script is
    /// called for one device after the other. If its capabilities allow
    /// parallel calls, it is called for as many devices at a time as there are
    /// processors. Waits for scripts that are serving commands of this process,
    /// in total no longer than the time limit of one script. Throws Error
    /// (Errc::cancelled).
    void add_attributes(std::vector<Definition>& devices) const;

private:
    friend struct Access;
    struct Impl;
    explicit CalloutEngine(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
