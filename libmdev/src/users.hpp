// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <filesystem>
#include <string>

namespace mdev {

/// The processes that hold a device open through vfio, as far as `proc` shows
/// them: "process 172 (qemu-system-x86)", several joined by commas; empty if
/// none is seen. `device` is the device's sysfs directory, opened before its
/// removal began: the kernel hides its names first.
std::string users_of(
    const Directory& device, const std::filesystem::path& proc);

}
