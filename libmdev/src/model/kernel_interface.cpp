// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel_interface.hpp"

#include <mdev/export.hpp>

namespace mdev {

const std::array<const KernelInterface*, 2>& kernel_interfaces()
{
    static const std::array all = {&mdev_bus(), &vendor_vfio()};
    return all;
}

MDEV_API const char* word(Framework framework) noexcept
{
    return framework == Framework::vendor_vfio ? "vendor-vfio" : "mdev";
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
