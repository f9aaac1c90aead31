// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
#include "directory.hpp"

#include <mdev/device.hpp>

#include <chrono>
#include <cstdint>
#include <set>
#include <vector>

namespace mdev {

class KernelInterface;

struct Device::Impl {
    const KernelInterface* kernel;
    Environment env;
    Uuid uuid;
    std::string parent;
    std::string type_id;
    /// The number of the directory, where that tells the device from another
    /// one of the same UUID; 0 where it is not known.
    std::uint64_t directory_number = 0;

    /// Opens the device's directory; nothing if the device is not active on its
    /// parent (any more). Writes and removals through the directory concern
    /// this device only: the kernel refuses them once the device is gone, even
    /// if the UUID has been started again elsewhere, under the same path.
    std::optional<Directory> find_directory() const;
    /// Like find_directory(). Throws Error (Errc::not_active).
    Directory directory() const;
    /// Device::set_attribute() and remove(), through an open directory. If a
    /// removal takes longer than `limit`, and than a second, throws Error
    /// (Errc::in_use), and the kernel completes the removal.
    void set_attribute(const Directory& directory, const std::string& name,
        std::string_view value) const;
    void remove(
        const Directory& directory, std::chrono::milliseconds limit) const;
};

/// The active devices, and those that the kernel has but that cannot be read.
struct DeviceList {
    std::vector<Device> devices;
    std::set<Uuid> unread{};
};

/// Returns what Device::all() does.
DeviceList all_devices(const Environment& env);

/// Makes a Device without asking the kernel: it has just created the device, or
/// listed it.
inline Device known_device(const KernelInterface& kernel,
    const Environment& env, const Uuid& uuid, std::string parent,
    std::string type_id)
{
    return Access::make<Device>(
        {&kernel, env, uuid, std::move(parent), std::move(type_id)});
}

}
