// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

namespace mdev {

/// A process that has a device open and is visible to the caller in `/proc`,
/// for example a virtual machine. Any thread may use any copy.
class DeviceUser {
public:
    /// The number of the process.
    int pid() const noexcept;
    /// The name of its program, shortened to 15 bytes by the kernel; empty if
    /// unknown.
    const std::string& command() const noexcept;

private:
    friend struct Access;
    struct Impl;
    explicit DeviceUser(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
