// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace mdev {

/// What becomes of definitions and devices of which a document says nothing.
enum class Prune {
    no, ///< they stay
    yes, ///< they are undefined and, with ActiveDevices::matched, stopped
};

/// What a document says about active devices.
enum class ActiveDevices {
    leave, ///< only definitions are changed
    apply, ///< devices are started and stopped, too
};

/// What is, or should be, defined and active on a host, as one document, which
/// mdevctl(8) describes and Manager::apply() brings about. A value; any thread
/// may use any copy.
class HostState {
public:
    /// What is now: every definition, and whether it is active, and every
    /// active device that is not defined, with the attributes that its callout
    /// script names. What cannot be read is left out with a warning in the log.
    /// Throws Error if a directory cannot be read, (Errc::cancelled).
    static HostState of(const Environment& env);
    /// Reads a document. Parents may be spelt in any way that names them
    /// (`02:00.0`, `/sys/devices/…/0000:02:00.0`), types also by the vendor's
    /// name where their parent is there and has one of that name only. A member
    /// that is not known is refused: it may be a misspelt one. Throws Error
    /// that begins with `source`: Errc::invalid_definition, Errc::ambiguous,
    /// Errc::no_such_type.
    static HostState from_json(
        std::string_view json, std::string_view source, const Environment& env);
    /// The same for a file, which may be a pipe as `/dev/stdin`; more than
    /// 64 MiB is refused.
    static HostState from_file(
        const std::filesystem::path& file, const Environment& env);

    /// The document, without a final newline.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit HostState(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
