// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace mdev {

/// What a virtual machine opens of a device: /dev/vfio/GROUP, and
/// /dev/vfio/devices/vfioN on newer kernels. `device` is its sysfs directory.
std::vector<std::string> vfio_files(const Directory& device);

/// How a process is named in sentences: "process 172 (qemu-system-x86)". `proc`
/// is the directory of processes. Throws Error.
std::string describe_process(const Directory& proc, const std::string& pid);

/// The processes that hold a device open through vfio, as far as `proc` shows
/// them, as describe_process() names them. `device` is the device's sysfs
/// directory, opened before its removal began: the kernel hides its names
/// first.
std::vector<std::string> users_of(
    const Directory& device, const std::filesystem::path& proc);

/// The same, joined by commas; empty if none is seen.
std::string user_list(
    const Directory& device, const std::filesystem::path& proc);

}
