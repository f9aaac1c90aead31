// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/device.hpp>
#include <mdev/environment.hpp>
#include <mdev/framework.hpp>
#include <mdev/json_format.hpp>
#include <mdev/mdev_type.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// A device whose driver can create devices for virtual machines. It is an
/// entry of `/sys/class/mdev_bus`, or a virtual PCI function from which its
/// driver can make such a device (Framework::vendor_vfio). Any thread may use
/// any copy.
class ParentDevice {
public:
    /// Returns the parent of that name; nothing if the kernel has none. Throws
    /// Error (Errc::invalid_name) if the name cannot be a parent's.
    static std::optional<ParentDevice> find(
        std::string_view name, const Environment& env);
    /// Returns every parent, sorted by name (bytewise); none on a kernel
    /// without any. Throws Error if a directory cannot be read.
    static std::vector<ParentDevice> all(const Environment& env);
    /// Returns the parent with the name `spelling`, in any letter case. Besides
    /// name(), which is preferred, `spelling` may be one of other_names(), a
    /// PCI address without its domain (`00:02.0`) or with the domain of
    /// nvidia-smi (`00000000:00:02.0`). It may be the name of libvirt's node
    /// device (`pci_0000_00_02_0`, `css_0_0_0313`, `ap_matrix`), or a path
    /// whose last component is one of these names. Returns nothing if the
    /// kernel has no such parent. Throws Error: Errc::ambiguous with the
    /// parents that match, Errc::invalid_name.
    static std::optional<ParentDevice> resolve(
        std::string_view spelling, const Environment& env);

    /// The name of the directory, such as `0000:00:02.0`.
    const std::string& name() const noexcept;
    /// The parent's entry in Environment::parents_directory().
    std::filesystem::path path() const;
    /// Returns the parent's own directory, below `/sys/devices`, without
    /// symbolic links. Throws Error (Errc::no_such_parent) if the parent has
    /// disappeared.
    std::filesystem::path real_path() const;
    /// Returns the name of the parent's driver; empty if the parent has none,
    /// such as a simulated device. Throws Error (Errc::no_such_parent).
    std::string driver() const;
    /// Returns the name of the parent's bus or class, such as `pci`; empty if
    /// the parent has none. Throws Error (Errc::no_such_parent).
    std::string subsystem() const;
    /// Returns the other names by which the kernel knows the parent: of an s390
    /// subchannel, the number of the device behind it, such as `0.0.0002`.
    /// Throws Error (Errc::no_such_parent).
    std::vector<std::string> other_names() const;
    /// Returns the active devices of this parent, sorted by UUID; none if the
    /// parent has disappeared. Omits the same devices as Device::all().
    std::vector<Device> devices() const;
    /// The framework with which the parent creates devices.
    Framework framework() const noexcept;
    /// Returns the types that the driver offers now, sorted by id. Types that
    /// cannot be read are omitted with a warning in the log.
    std::vector<MdevType> types() const;
    /// Returns one type; nothing if the parent does not offer it. Throws Error
    /// if the parent has no types at all or if the type cannot be read.
    std::optional<MdevType> type(std::string_view id) const;
    /// Returns the type with the id or the vendor's name `spelling`, such as
    /// `GRID T4-1Q`. The letter case does not matter, unless several types
    /// differ only in letter case. Returns nothing if the parent offers no such
    /// type. Throws Error as type() does, and Errc::ambiguous with the types
    /// that match.
    std::optional<MdevType> resolve_type(std::string_view spelling) const;

private:
    friend struct Access;
    struct Impl;
    explicit ParentDevice(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Whether both are the same parent, below the same root directory.
bool operator==(const ParentDevice& a, const ParentDevice& b) noexcept;
/// Whether they are not equal.
bool operator!=(const ParentDevice& a, const ParentDevice& b) noexcept;
/// Orders parents as ParentDevice::all() does: by name, bytewise.
bool operator<(const ParentDevice& a, const ParentDevice& b) noexcept;

/// Returns what `mdevctl types --dumpjson` (JsonFormat::compatible) or `mdevctl
/// types --json` (JsonFormat::flat) prints, without the final newline.
/// Compatible is `[]`, or an array of one object: parent → array of `{TYPE:
/// {…}}`. Flat is
/// `{"version": 1, "types": [{"parent", "id", "name", "description",
/// "device_api", "available_instances", "framework"}…]}`.
std::string to_json(
    const std::vector<ParentDevice>& parents, JsonFormat format);

}
