// SPDX-License-Identifier: LGPL-2.1-or-later
// Uses each class. The argument is the root of a system.
#include <mdev/mdev.hpp>

#include <cinttypes>
#include <cstdio>
#include <cstring>

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    if (std::strcmp(mdev::version(), MDEV_VERSION) != 0)
        return 2;
    for (const auto& parent : mdev::ParentDevice::all(env))
        for (const auto& type : parent.types())
            std::printf("%s %s %" PRId64 "\n", parent.name().c_str(),
                type.id().c_str(), type.available_instances());
    const mdev::Monitor monitor(env);
    const mdev::Manager manager(env);
    const auto uuid = mdev::Uuid::random();
    manager.define(mdev::Definition(uuid, "P", "T"));
    std::printf("%zu events\n", monitor.read().size());
    manager.undefine(uuid, "P");
    std::printf("%zu devices, %zu definitions, %s\n",
        mdev::Device::all(env).size(), mdev::ConfigStore(env).all().size(),
        mdev::CalloutEngine(env).has_scripts() ? "scripts" : "no scripts");
    try {
        mdev::Definition(uuid, "..", "T");
    } catch (const std::system_error& error) {
        if (error.code() == mdev::Errc::invalid_name)
            std::printf("caught\n");
    }
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
