// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "device_user_impl.hpp"
#include "directory.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace mdev {

// Which processes use a device. The kernel does not report them: its own
// message ("Device is currently in use, task … blocked until device is
// released") names the process that waits, not the one that holds the device
// open. So /proc is searched for descriptors of the device's vfio files. Only
// root sees all processes; processes in other PID namespaces may be missing.
// The result is a hint.

/// The number of a device's IOMMU group; empty if the device has none.
/// `device` is the device's sysfs directory.
std::string iommu_group_of(const Directory& device);

/// The files that a virtual machine opens to use a device: /dev/vfio/GROUP, and
/// /dev/vfio/devices/vfioN on kernels with a character device for each vfio
/// device. `device` is the device's sysfs directory.
std::vector<std::string> vfio_files(const Directory& device);

/// Describes a process for sentences: "process 172 (qemu-system-x86)". `proc`
/// is the directory of processes. Throws Error.
std::string describe_process(const Directory& proc, const std::string& pid);
/// Describes a process of this host, whatever the root directory of the
/// Environment is; "process 172" if /proc does not show its name.
std::string describe_process(const std::string& pid);

/// The processes in `proc` that visibly have one of a device's vfio files open.
/// `device` is the device's sysfs directory, which must have been opened before
/// the removal began. While the kernel waits for the last user,
/// /sys/bus/mdev/devices does not show the device; only the device's own
/// directory still exists.
std::vector<DeviceUser> users_of(
    const Directory& device, const std::filesystem::path& proc);

/// Returns the processes for a device whose vfio_files() are known.
std::vector<DeviceUser> users_of(
    const std::vector<std::string>& files, const std::filesystem::path& proc);

/// The users as one text: "process 1 (a), process 2 (b)"; empty if there are
/// none.
std::string joined(const std::vector<DeviceUser>& users);

/// " by process 1 (a)" for sentences; empty if no user is seen.
std::string by(const std::vector<DeviceUser>& users);

}
