// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// What to do with definitions and devices that are not in the document.
enum class Prune {
    no, ///< keep them
    yes, ///< undefine them and, with ActiveDevices::apply, stop them
};

/// What to do with active devices.
enum class ActiveDevices {
    leave, ///< change definitions only
    apply, ///< also start and stop devices
};

/// Whether a device of a HostState is active, or should be. Numbers are never
/// reused.
enum class Activity {
    by_start_mode =
        0, ///< not specified: if it is defined to start automatically
    inactive = 1, ///< it is not active, or should not be
    active = 2, ///< it is active, or should be
    unknown = 3, ///< it is not known, or left as it is: null in the document
};

/// One device of a HostState: a value. Copies are independent of each other.
/// One object may be used by one thread at a time, or by many that only read
/// it.
class HostDevice {
public:
    /// Makes a device that is defined so, and active as its start mode says.
    explicit HostDevice(const Definition& definition);

    /// Sets whether it is, or should be, defined. Returns the object itself.
    HostDevice& defined(bool is_defined);
    /// Sets whether it is, or should be, active. Returns the object itself.
    HostDevice& activity(Activity activity);

    /// The definition; of a device that is not defined, its parent, type and
    /// attributes. In a document that has not been applied, names of parents
    /// and types are as they are written there.
    const Definition& definition() const noexcept;
    /// Whether it is, or should be, defined.
    bool is_defined() const noexcept;
    /// Whether it is, or should be, active.
    Activity activity() const noexcept;

private:
    friend struct Access;
    struct Impl;
    explicit HostDevice(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// The actual or the desired state of a host: what is defined and what is
/// active, as one document. mdevctl(8) describes the document; Manager::apply()
/// establishes the state. A value; any thread may use any copy.
class HostState {
public:
    /// Makes a state of these devices, whose parents and types have the
    /// kernel's names. Throws Error (Errc::invalid_definition) if two have the
    /// same UUID and parent.
    explicit HostState(const std::vector<HostDevice>& devices);
    /// Returns the actual state: every definition and whether it is active, and
    /// every active device that is not defined, with the attributes that its
    /// callout script names. What cannot be read is left out with a warning in
    /// the log, see is_complete(). Throws Error if the directory of definitions
    /// cannot be read, and (Errc::cancelled).
    static HostState of(const Environment& env);
    /// Parses a document, or what `mdevctl list --defined --dumpjson` prints,
    /// also that of mdevctl 1.x: its devices are defined, and active if they
    /// start automatically. In a document, a parent may be written in any form
    /// that ParentDevice::resolve() takes, and a type as the vendor's name:
    /// Manager::apply() resolves them, because the parents need not exist when
    /// the document is read. Unknown members are refused, because they may be
    /// misspelled. Throws Error (Errc::invalid_definition), whose message
    /// begins with `source`.
    static HostState from_json(std::string_view json, std::string_view source);
    /// Reads a document from a file, or from a pipe such as `/dev/stdin`, of at
    /// most 64 MiB. Throws Error as from_json() does, (Errc::cancelled), or the
    /// kernel's error.
    static HostState from_file(
        const std::filesystem::path& file, const Environment& env);

    /// Whether nothing was left out: of() could read every definition and
    /// device. A document is complete.
    bool is_complete() const noexcept;
    /// The devices, in the order of the document.
    std::vector<HostDevice> devices() const;
    /// Returns the document, without a final newline.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit HostState(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
