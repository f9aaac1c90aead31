// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"

#include <mdev/device_user.hpp>

namespace mdev {

struct DeviceUser::Impl {
    int pid = 0;
    std::string command{};
};

/// For sentences: "process 172 (qemu-system-x86)".
std::string describe(const DeviceUser& user);

}
