// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/listed_device.hpp>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mdev {

/// A list of devices, and whether nothing had to be left out of it.
struct ListedDevices {
    std::vector<ListedDevice> devices;
    bool is_complete = true;
    /// Whether the kernel's directory of devices could be read.
    bool is_bus_read = true;
    /// Devices that the kernel has but that cannot be read.
    std::set<Uuid> unread{};
};

/// What a list has of a device whose script fails to name the attributes.
enum class Unanswered {
    without_attributes,
    left_out, ///< and warned of: the list is not complete
};

/// Returns what ListedDevice::active() does.
ListedDevices list_active(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const Environment& env,
    Unanswered unanswered = Unanswered::without_attributes);

/// Returns what ListedDevice::defined() does.
ListedDevices list_defined(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const Environment& env);
/// Passes the devices of that list to `take` instead; the list itself is empty.
/// Throws what `take` throws.
ListedDevices each_defined(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const Environment& env,
    const std::function<void(ListedDevice device)>& take);

}
