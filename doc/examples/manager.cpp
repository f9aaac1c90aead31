// SPDX-License-Identifier: LGPL-2.1-or-later
// A device's life, with all that belongs to it: scripts, kernel and store.
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

    // By its UUID: the definition says the rest.
    const auto device = manager.start(mdev::DeviceSpec().uuid(uuid));
    std::printf("runs as %s\n", device.type_id().c_str());

    manager.stop(uuid);
    manager.undefine(uuid, "mtty");

    // Without a definition, and with a UUID of the library's choice.
    const auto transient =
        manager.start(mdev::DeviceSpec().parent("mtty").type_id("mtty-2"));
    manager.stop(transient.uuid());
    std::printf("%zu devices\n", mdev::Device::all(env).size());
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
