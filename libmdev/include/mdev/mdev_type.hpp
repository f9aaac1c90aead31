// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

class Device;

/// A type of device that a parent offers: a directory below its
/// `mdev_supported_types` (see the kernel's Documentation/ABI/testing/
/// sysfs-bus-vfio-mdev).
///
/// A snapshot: ask the parent again for current values. Any thread may use any
/// copy.
class MdevType {
public:
    /// Returns the types called `spelling` of which another device can be
    /// created, sorted by parent (bytewise). `spelling` is an id, or a vendor's
    /// name as in ParentDevice::resolve_type(). MdevType::parent() is then a
    /// parent with an available instance. Types that cannot be read are omitted
    /// with a warning in the log. Throws Error if the directory of parents
    /// cannot be read.
    static std::vector<MdevType> all_available(
        std::string_view spelling, const Environment& env);

    /// The name of the type's directory, such as `i915-GVTg_V5_4`, which
    /// definitions use as well.
    const std::string& id() const noexcept;
    /// The name of the parent device.
    const std::string& parent() const noexcept;
    /// How many more devices of this type can be created.
    std::int64_t available_instances() const noexcept;
    /// The interface of the devices, such as `vfio-pci`.
    const std::string& device_api() const noexcept;
    /// The vendor's name of the type; empty if the driver does not name it.
    const std::string& name() const noexcept;
    /// The vendor's description, its lines joined by `, `; may be empty.
    const std::string& description() const noexcept;
    /// The directory of the type, below that of the parent.
    std::filesystem::path path() const;

    /// Creates a device of this type, which exists when the function returns.
    /// Throws Error, always with the kernel's errno in cause():
    /// Errc::already_active, Errc::no_instance_left, or the kernel's error.
    /// Throws Errc::in_use if the last removal of the device still waits for a
    /// process.
    Device create(const Uuid& uuid) const;

private:
    friend struct Access;
    struct Impl;
    explicit MdevType(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
