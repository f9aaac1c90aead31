// SPDX-License-Identifier: LGPL-2.1-or-later
// The types, the active devices and the definitions.
#include <mdev/mdev.hpp>

#include <cinttypes>
#include <cstdio>

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");

    for (const auto& parent : mdev::ParentDevice::all(env))
        for (const auto& type : parent.types())
            std::printf("type: %s on %s, %" PRId64 " available, %s\n",
                type.id().c_str(), parent.name().c_str(),
                type.available_instances(), type.device_api().c_str());

    for (const auto& device : mdev::Device::all(env))
        std::printf("active: %s, %s on %s\n", device.uuid().string().c_str(),
            device.type_id().c_str(), device.parent().c_str());

    for (const auto& definition : mdev::ConfigStore(env).all())
        std::printf("defined: %s, %s on %s\n",
            definition.uuid().string().c_str(), definition.type_id().c_str(),
            definition.parent().c_str());
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
