// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace mdev {

class Device;

/// One kind of device that a parent offers: a directory below its
/// `mdev_supported_types` (the kernel's Documentation/ABI/testing/
/// sysfs-bus-vfio-mdev says what is in it).
///
/// What the kernel said when it was looked up; ask the parent again for what
/// it says now. Any thread may use any copy.
class MdevType {
public:
    /// The directory's name, as `i915-GVTg_V5_4`: how the kernel and every
    /// definition call the type.
    const std::string& id() const noexcept;
    /// The parent's name.
    const std::string& parent() const noexcept;
    /// How many more devices of it can be made.
    long available_instances() const noexcept;
    /// Such as `vfio-pci`.
    const std::string& device_api() const noexcept;
    /// The vendor's name for it; empty if the driver gives none.
    const std::string& name() const noexcept;
    /// The vendor's words on it, its lines joined by `, `; may be empty.
    const std::string& description() const noexcept;
    /// Its directory below the parent's.
    std::filesystem::path path() const;

    /// Asks the kernel for a device of this type and returns when it is there.
    /// Throws Error: Errc::already_active, Errc::no_instance_left, or what the
    /// kernel said, always with the kernel's errno in cause().
    Device create(const Uuid& uuid) const;

private:
    friend struct Access;
    struct Impl;
    explicit MdevType(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
