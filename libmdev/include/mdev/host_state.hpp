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

/// What to do with definitions and devices that are not in the HostState.
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
    by_start_mode = 0, ///< not specified: active if its start mode is automatic
    inactive = 1, ///< not active, or should not be active
    active = 2, ///< active, or should be active
    unknown = 3, ///< unknown, or left unchanged: null in JSON
};

/// One device of a HostState: a value. Copies are independent of each other.
/// One object may be used by one thread at a time, or by many that only read
/// it.
class HostDevice {
public:
    /// Makes a device that is defined like this, with Activity::by_start_mode.
    explicit HostDevice(const Definition& definition);

    /// Sets whether the device is, or should be, defined. Returns the object
    /// itself.
    HostDevice& defined(bool is_defined);
    /// Sets whether the device is, or should be, active. Returns the object
    /// itself.
    HostDevice& activity(Activity activity);

    /// The definition; of a device that is not defined, its parent, type and
    /// attributes. Names of parents and types are those of the state file until
    /// it is applied.
    const Definition& definition() const noexcept;
    /// The name that the state file has in place of a UUID. The UUID is
    /// computed from the name; see Uuid::from_name(). Empty if the state file
    /// has the UUID.
    const std::string& name() const noexcept;
    /// Whether the device is, or should be, defined.
    bool is_defined() const noexcept;
    /// Whether the device is, or should be, active.
    Activity activity() const noexcept;

private:
    friend struct Access;
    struct Impl;
    explicit HostDevice(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// The actual or the desired state of a host: its definitions and active
/// devices. mdevctl(8) describes the format of a state file; Manager::apply()
/// establishes the state. A value; any thread may use any copy.
class HostState {
public:
    /// Makes a state of these devices, whose parents and types have the
    /// kernel's names. Throws Error (Errc::invalid_definition) if two have the
    /// same UUID and parent.
    explicit HostState(const std::vector<HostDevice>& devices);
    /// Returns the actual state. It contains every definition, and whether its
    /// device is active. It also contains every active device that is not
    /// defined, with the attributes that its callout script reports. Devices
    /// that cannot be read are omitted with a warning in the log; see
    /// is_complete(). Throws Error if the directory of definitions cannot be
    /// read, and (Errc::cancelled).
    static HostState of(const Environment& env);
    /// Parses a state file. Also parses the output of `mdevctl list --defined
    /// --dumpjson`, even of mdevctl 1.x: its devices should be defined, and
    /// active if their start mode is automatic. A parent may have any name that
    /// ParentDevice::resolve() accepts, and a type its vendor's name.
    /// Manager::apply() resolves these names, because the parents need not
    /// exist when the file is read. Unknown members are an error, because they
    /// may be misspelled. Throws Error (Errc::invalid_definition), whose
    /// message names `source`.
    static HostState from_json(std::string_view json, std::string_view source);
    /// Reads a state file, or a pipe such as `/dev/stdin`, of at most 64 MiB.
    /// Throws Error as from_json() does, (Errc::cancelled), or the kernel's
    /// error.
    static HostState from_file(
        const std::filesystem::path& file, const Environment& env);

    /// Whether nothing was omitted, that is, of() could read each definition
    /// and device. A state that was read from JSON is complete.
    bool is_complete() const noexcept;
    /// The devices, in the order of the state file.
    std::vector<HostDevice> devices() const;
    /// Returns the text of the state file, without a final newline.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit HostState(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
