// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/device.hpp>

namespace mdev {

struct Device::Impl {
    Environment env;
    Uuid uuid;
    std::string parent;
    std::string type;
};

struct DeviceAccess {
    /// A device that the kernel has just made.
    static Device made(const Environment& env, const Uuid& uuid,
        std::string parent, std::string type);
};

}
