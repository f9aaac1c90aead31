// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel_interface.hpp"

namespace mdev {

const std::array<const KernelInterface*, 1>& kernel_interfaces()
{
    static const std::array all = {&mdev_bus()};
    return all;
}

const KernelInterface* interface_of(
    const Environment& env, const std::string& parent)
{
    for (const auto* kernel : kernel_interfaces())
        if (kernel->has_parent(env, parent))
            return kernel;
    return nullptr;
}

}
