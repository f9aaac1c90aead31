// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/listed_device.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// A list of devices, and whether nothing had to be left out of it.
struct ListedDevices {
    std::vector<ListedDevice> devices;
    bool is_complete = true;
};

/// Returns what ListedDevice::active() does.
ListedDevices list_active(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const Environment& env);

/// Returns what ListedDevice::defined() does.
ListedDevices list_defined(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const Environment& env);

}
