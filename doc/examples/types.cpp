// SPDX-License-Identifier: LGPL-2.1-or-later
// Creates a device directly: no definition, no callout scripts.
#include <mdev/mdev.hpp>

#include <cinttypes>
#include <cstdio>

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    const auto uuid =
        mdev::Uuid::parse("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001").value();

    const auto parent = mdev::ParentDevice::find("mtty", env);
    const auto type = parent ? parent->type("mtty-1") : std::nullopt;
    if (!type) {
        std::printf("mtty-1 is not available\n");
        return 1;
    }
    std::printf("%" PRId64 " available\n", type->available_instances());

    const mdev::Device device = type->create(uuid);
    std::printf("created %s\n", device.uuid().string().c_str());
    // An MdevType is a snapshot; ask the parent again.
    std::printf("%" PRId64 " available\n",
        parent->type("mtty-1")->available_instances());

    device.set_attribute("power/control", "on");
    device.remove();
    if (!mdev::Device::find(uuid, env))
        std::printf("removed\n");
    std::printf("%s\n", type->path().filename().c_str());
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
