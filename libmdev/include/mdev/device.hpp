// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/device_user.hpp>
#include <mdev/environment.hpp>
#include <mdev/framework.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// An active device: an entry of `/sys/bus/mdev/devices`, or a virtual function
/// that has a type (Framework::vendor_vfio). A stored description of a device
/// is a Definition. Any thread may use any copy. A Device remains valid when
/// the device is removed; its functions then throw Error.
class Device {
public:
    /// Returns the active device of that UUID; nothing if there is none. Throws
    /// Error if the kernel shows a device that cannot be read.
    static std::optional<Device> find(const Uuid& uuid, const Environment& env);
    /// Returns every active device, sorted by parent (bytewise) and UUID.
    /// Devices that are removed during the call are omitted; devices that
    /// cannot be read are omitted with a warning in the log. Throws Error if
    /// the directory cannot be read.
    static std::vector<Device> all(const Environment& env);

    /// The UUID, which is the kernel's name of the device. The kernel has no
    /// UUID for a virtual function. If mdevctl started the device, mdevctl has
    /// stored its UUID; otherwise the UUID is computed from the address of the
    /// function.
    const Uuid& uuid() const noexcept;
    /// The name of the parent device.
    const std::string& parent() const noexcept;
    /// The id of the mdev type.
    const std::string& type_id() const noexcept;
    /// The framework that created the device.
    Framework framework() const noexcept;
    /// The device's entry in Environment::devices_directory(), or that of the
    /// virtual function in `/sys/bus/pci/devices`.
    std::filesystem::path path() const;
    /// Returns the device's own directory, below that of its parent, without
    /// symbolic links. Throws Error (Errc::not_active).
    std::filesystem::path real_path() const;
    /// Returns the number of the device's IOMMU group; empty if the device has
    /// none. Throws Error (Errc::not_active).
    std::string iommu_group() const;
    /// Returns the VFIO device files that a virtual machine opens:
    /// `/dev/vfio/GROUP`, and `/dev/vfio/devices/vfioN` if the kernel has a
    /// character device for each VFIO device. Throws Error (Errc::not_active).
    std::vector<std::filesystem::path> device_files() const;

    /// Reads the attribute `name`, which may be a path such as `power/control`
    /// but cannot leave the device's directory. Returns at most 64 KiB, without
    /// the final newline. Throws Error: Errc::invalid_name, Errc::not_active,
    /// or the kernel's error.
    std::string attribute(std::string_view name) const;

    /// Writes `value`, unchanged and in one write, to the attribute `name`. The
    /// name may be a path such as `power/control`, but cannot leave the
    /// device's directory. Throws Error: Errc::invalid_name, Errc::not_active,
    /// or the kernel's error.
    void set_attribute(std::string_view name, std::string_view value) const;

    /// Returns the processes that have the device open and are visible in
    /// `/proc`: all processes for root, except those of other PID namespaces.
    /// Throws Error (Errc::not_active).
    std::vector<DeviceUser> users() const;

    /// Removes the device. If the device is a virtual function that a process
    /// has open, changes nothing and throws Error (Errc::in_use). If it is a
    /// mediated device that a process has open, the kernel waits until the
    /// device is closed. After one second, a warning in the log names the
    /// process. From then on, the wait can be cancelled, and the kernel
    /// completes the removal later. Throws Error: Errc::not_active,
    /// Errc::cancelled, or the kernel's error.
    void remove() const;

private:
    friend struct Access;
    struct Impl;
    explicit Device(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Whether both are the same device, of the same type and below the same root
/// directory.
bool operator==(const Device& a, const Device& b) noexcept;
/// Whether they are not equal.
bool operator!=(const Device& a, const Device& b) noexcept;
/// Orders devices as Device::all() does: by parent (bytewise), then by UUID.
bool operator<(const Device& a, const Device& b) noexcept;

}
