// SPDX-License-Identifier: LGPL-2.1-or-later
// The result of each command, a dry run, and a desired state that is applied.
#include <mdev/mdev.hpp>

#include <cstdio>
#include <string_view>

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");

    const auto manager = mdev::Manager(env).with_idempotence().with_listener(
        [](const mdev::Outcome& outcome) {
            std::printf("%s %s: %s\n", outcome.word(),
                outcome.uuid().string().c_str(),
                outcome.is_changed() ? "changed" : "unchanged");
        });

    const auto wanted = mdev::HostState::from_json(R"({
        "version": 1,
        "devices": [
            {"name": "console", "parent": "mtty", "start": "auto",
             "type": "Single port serial"}
        ]
    })",
        "our state");
    // The changes that apply() would make, with the old and the new values.
    for (const auto& change :
        manager.diff(wanted, mdev::Prune::no, mdev::ActiveDevices::leave))
        std::printf(
            "%s: %s\n", change.word(), change.before() ? "modified" : "new");

    const auto apply = [&](const mdev::Manager& by) {
        by.apply(wanted, mdev::Prune::no, mdev::ActiveDevices::apply);
    };

    std::printf("Dry run\n");
    apply(manager.with_dry_run());
    std::printf("Apply\n");
    apply(manager);
    std::printf("Apply again\n");
    apply(manager);

    for (const auto& device :
        mdev::ListedDevice::defined({}, {}, mdev::AskScripts::no, env))
        std::printf("%s is active: %s\n",
            device.definition().uuid().string().c_str(),
            device.is_active() ? "yes" : "no");
    // A long list need not be in memory.
    mdev::write_json(
        [&](const auto& visit) {
            mdev::ListedDevice::each_defined(
                {}, {}, mdev::AskScripts::no, env, visit);
        },
        mdev::JsonFormat::compatible,
        [](std::string_view piece) {
            std::fwrite(piece.data(), 1, piece.size(), stdout);
        });
    std::printf("\n");
    manager.stop_all("mtty");

    // A state made of values: the present devices, but none is active.
    std::vector<mdev::HostDevice> devices;
    for (auto device : mdev::HostState::of(env).devices())
        devices.push_back(device.activity(mdev::Activity::inactive));
    const auto results = manager.apply(
        mdev::HostState(devices), mdev::Prune::yes, mdev::ActiveDevices::apply);
    std::printf("%zu results\n", results.size());

    // A state made of definitions: here a device that should be active, but not
    // stored.
    const mdev::HostState transient({mdev::HostDevice(
        mdev::Definition(mdev::Uuid::from_name("transient"), "mtty", "mtty-1"))
                                         .defined(false)
                                         .activity(mdev::Activity::active)});
    for (const auto& device : transient.devices())
        std::printf("%s is defined: %s, active: %s\n",
            device.definition().parent().c_str(),
            device.is_defined() ? "yes" : "no",
            device.activity() == mdev::Activity::active ? "yes" : "no");
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
