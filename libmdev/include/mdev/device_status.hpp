// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/environment.hpp>
#include <mdev/mdev_type.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// Everything that can be said about one device: what runs and what is stored,
/// side by side. It is what was true when it was asked for. Any thread may use
/// any copy.
class DeviceStatus {
public:
    /// Asks the kernel, the store, the device's callout script and, as far as
    /// it shows them, /proc. Nothing if the device is neither active nor
    /// defined. What cannot be read is left out with a warning in the log.
    /// Throws Error if the devices or the store cannot be read, and
    /// (Errc::cancelled).
    static std::optional<DeviceStatus> find(
        const Uuid& uuid, const Environment& env);

    /// The device's name.
    const Uuid& uuid() const noexcept;
    /// The device that runs.
    const std::optional<Device>& active() const noexcept;
    /// What is stored about it: the definition under the active device's
    /// parent first, then others, sorted by parent.
    const std::vector<Definition>& definitions() const noexcept;
    /// The file of each definition(), in the same order.
    const std::vector<std::filesystem::path>& files() const noexcept;
    /// In what the active device is other than its first definition says:
    /// `parent`, `type`, `attrs`. Empty if it is as defined, and where one of
    /// the two is missing.
    const std::vector<std::string>& differences() const noexcept;
    /// The type as its parent offers it now, of the active device or else of
    /// the first definition.
    const std::optional<MdevType>& type() const noexcept;
    /// What the callout script says that the active device has.
    const std::vector<Attribute>& active_attributes() const noexcept;
    /// The callout script that answers for the device; the one that is
    /// versioned, or the first that does not say "not my type".
    const std::optional<std::filesystem::path>& script() const noexcept;
    /// The active device's number in `/sys/kernel/iommu_groups`; empty if it
    /// has none.
    const std::string& iommu_group() const noexcept;
    /// What a virtual machine opens, such as `/dev/vfio/12`.
    const std::vector<std::filesystem::path>& device_files() const noexcept;
    /// Who has one of them open, such as `process 172 (qemu-system-x86)`; only
    /// root sees everybody.
    const std::vector<std::string>& users() const noexcept;
    /// What `mdevctl show --json` prints, without the final newline; the manual
    /// page mdevctl(8) describes it.
    std::string to_json() const;

private:
    struct Impl;
    explicit DeviceStatus(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
