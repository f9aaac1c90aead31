// SPDX-License-Identifier: LGPL-2.1-or-later
// Defines, changes, starts, stops and undefines a device.
#include <mdev/mdev.hpp>

#include <cstdio>

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    const mdev::Manager manager(env);
    const auto uuid =
        mdev::Uuid::parse("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001").value();

    manager.define(mdev::Definition(uuid, "mtty", "mtty-1"));
    manager.modify(uuid, "mtty", [](mdev::Definition& definition) {
        definition.append_attribute("power/control", "on");
    });

    // The definition of that UUID has the parent and the type.
    const auto device = manager.start(mdev::DeviceSpec().uuid(uuid));
    std::printf("active as %s\n", device.type_id().c_str());

    manager.stop(uuid);
    manager.undefine(uuid, "mtty");

    // A transient device, with a random UUID.
    const auto transient =
        manager.start(mdev::DeviceSpec().parent("mtty").type_id("mtty-2"));
    manager.stop(transient.uuid());
    if (mdev::DeviceSpec().start() == mdev::StartMode::manual)
        std::printf("by default, nothing starts at boot\n");
    std::printf("%zu devices\n", mdev::Device::all(env).size());
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
