// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"

#include <mdev/device.hpp>

namespace mdev {

struct Device::Impl {
    Environment env;
    Uuid uuid;
    std::string parent;
    std::string type_id;
};

/// Makes a Device without asking the kernel: it has just created the device, or
/// listed it.
inline Device known_device(const Environment& env, const Uuid& uuid,
    std::string parent, std::string type_id)
{
    return Access::make<Device>(
        {env, uuid, std::move(parent), std::move(type_id)});
}

}
