// SPDX-License-Identifier: LGPL-2.1-or-later
// What an error contains.
#include <mdev/mdev.hpp>

#include <cerrno>
#include <cstdio>

namespace {

/// Returns whether the device is active, no matter who started it.
bool ensure_running(
    const mdev::Manager& manager, const mdev::Definition& definition)
try {
    manager.start(definition);
    return true;
} catch (const mdev::Error& error) {
    if (error.code() == mdev::Errc::already_active)
        return true;
    if (error.code() == mdev::Errc::no_instance_left)
        return false;
    throw; // the caller decides
}

}

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    const mdev::Manager manager(env);
    const auto uuid =
        mdev::Uuid::parse("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001").value();
    mdev::Definition definition(uuid, "mtty", "mtty-1");

    ensure_running(manager, definition);
    const bool runs = ensure_running(manager, definition);
    std::printf("%s\n", runs ? "active" : "no available instance");

    // "Not found" is not an error.
    const auto found = mdev::ConfigStore(env).find(uuid, "mtty");
    std::printf("%s\n", found ? "defined" : "not defined");
    manager.stop(uuid);

    // The kernel's own errors keep their errno.
    definition.append_attribute("no_such_attribute", "1");
    try {
        manager.start(definition);
    } catch (const mdev::Error& error) {
        if (error.code().category() == std::system_category())
            std::printf("errno is %s\n",
                error.code().value() == ENOENT ? "ENOENT" : "another");
    }
    // The failed start has been undone.
    std::printf("%zu devices\n", mdev::Device::all(env).size());

    // A result has the kernel's own error, and the users of a device.
    const auto listening =
        manager.with_in_use(mdev::InUse::refuse)
            .with_listener([](const mdev::Outcome& outcome) {
                std::printf("%s: %s, %zu users\n", outcome.word(),
                    outcome.cause() == std::errc::no_such_file_or_directory
                        ? "no such file"
                        : "no error of the kernel",
                    outcome.users().size());
            });
    try {
        listening.start(definition);
    } catch (const mdev::Error& error) {
        // With Errc::in_use, for example.
        for (const auto& user : error.users())
            std::printf(
                "used by %d (%s)\n", user.pid(), user.command().c_str());
    }

    // A command for several devices returns the devices that failed.
    manager.define(mdev::Definition(uuid, "absent", "mtty-1"));
    try {
        manager.start_defined({});
    } catch (const mdev::Error& error) {
        std::printf("%s\n", error.what());
        for (const auto& outcome : error.outcomes())
            std::printf("%s: %s\n", outcome.uuid().string().c_str(),
                outcome.code() == mdev::Errc::no_such_parent ? "no parent"
                                                             : "other");
    }
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
