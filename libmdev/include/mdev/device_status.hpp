// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/environment.hpp>
#include <mdev/framework.hpp>
#include <mdev/mdev_type.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// Everything that is known about one device, active and stored. A snapshot:
/// the state at the time of find(). Any thread may use any copy.
class DeviceStatus {
public:
    /// Collects the status from the kernel, the store, the device's callout
    /// script and, if it is readable, `/proc`. Returns nothing if the device is
    /// neither active nor defined. Parts that cannot be read are omitted with a
    /// warning in the log. Throws Error if the store cannot be read, or neither
    /// the devices nor a definition, and (Errc::cancelled).
    static std::optional<DeviceStatus> find(
        const Uuid& uuid, const Environment& env);

    /// The UUID of the device.
    const Uuid& uuid() const noexcept;
    /// The active device; nothing if it is not active.
    const std::optional<Device>& active() const noexcept;
    /// The definitions of the UUID: the one under the active device's parent
    /// first, then the others, sorted by parent.
    const std::vector<Definition>& definitions() const noexcept;
    /// The file of each of the definitions(), in the same order, and then those
    /// of definitions that are invalid.
    const std::vector<std::filesystem::path>& files() const noexcept;
    /// What differs between the active device and its definition under the same
    /// parent: `type`, `attrs`. Empty if there is no known difference, and if
    /// the device is not active or not defined there.
    const std::vector<std::string>& differences() const noexcept;
    /// The mdev type of the active device, or else of the first definition;
    /// nothing if the parent does not offer it now.
    const std::optional<MdevType>& type() const noexcept;
    /// The framework of the parent of that device; nothing if the parent does
    /// not exist.
    std::optional<Framework> framework() const noexcept;
    /// The active device's attributes, reported by the callout script.
    const std::vector<Attribute>& active_attributes() const noexcept;
    /// The callout script that serves the device: the versioned one, or the
    /// first that does not answer "not my type".
    const std::optional<std::filesystem::path>& script() const noexcept;
    /// The number of the active device's IOMMU group; empty if it has none.
    const std::string& iommu_group() const noexcept;
    /// The VFIO device files that a virtual machine opens, such as
    /// `/dev/vfio/12`.
    const std::vector<std::filesystem::path>& device_files() const noexcept;
    /// The processes that have one of the device files open, such as `process
    /// 172 (qemu-system-x86)`. Only root sees all processes.
    const std::vector<std::string>& users() const noexcept;
    /// Returns what `mdevctl show --json` prints, without the final newline;
    /// see mdevctl(8).
    std::string to_json() const;

private:
    struct Impl;
    explicit DeviceStatus(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
