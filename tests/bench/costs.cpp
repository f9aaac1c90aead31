// SPDX-License-Identifier: LGPL-2.1-or-later
// costs ROOT
//
// Prints how many system calls each operation of the library makes. Each line
// has the operation, a tab, and the number. ROOT is a system with only the
// parent "mtty" of mdevsim. Exits with 77 if no process can be traced.
#include "system_calls.hpp"

#include <mdev/mdev.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

namespace {

constexpr int skipped = 77;

/// A device that is defined or active during a measurement.
mdev::Uuid uuid(std::uint8_t number)
{
    return mdev::Uuid(
        {0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, number});
}

/// A directory that has just changed is read several times, so wait.
void rest()
{
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

class Table {
public:
    void row(
        const char* operation, const std::function<void()>& work,
        const std::function<void()>& undo = [] {})
    {
        constexpr int times = 3;
        auto least = count(work, undo);
        for (int i = 1; i < times; ++i)
            least = std::min(least, count(work, undo));
        std::printf("%s\t%zu\n", operation, least);
        std::fflush(stdout);
    }

private:
    static std::size_t count(
        const std::function<void()>& work, const std::function<void()>& undo)
    {
        rest();
        const auto calls = mdev::test::system_calls_of(work, [&] {
            undo();
            rest();
        });
        if (!calls)
            std::exit(skipped);
        return calls->size();
    }
};

void measure_look_ups(Table& table, const mdev::Environment& env)
{
    const auto device = mdev::Device::find(uuid(1), env).value();
    const auto parent = mdev::ParentDevice::find("mtty", env).value();
    const mdev::ConfigStore store(env);
    table.row(
        "ParentDevice::find", [&] { mdev::ParentDevice::find("mtty", env); });
    table.row("ParentDevice::resolve, another spelling",
        [&] { mdev::ParentDevice::resolve("MTTY", env); });
    table.row("ParentDevice::type", [&] { (void)parent.type("mtty-1"); });
    table.row("ParentDevice::types, 2 types", [&] { (void)parent.types(); });
    table.row("ParentDevice::real_path", [&] { (void)parent.real_path(); });
    table.row("ParentDevice::driver", [&] { (void)parent.driver(); });
    table.row(
        "ParentDevice::devices, 10 devices", [&] { (void)parent.devices(); });
    table.row("Device::find", [&] { mdev::Device::find(uuid(1), env); });
    table.row("Device::all, 10 devices", [&] { mdev::Device::all(env); });
    table.row("Device::real_path", [&] { (void)device.real_path(); });
    table.row("Device::iommu_group", [&] { (void)device.iommu_group(); });
    table.row("Device::device_files", [&] { (void)device.device_files(); });
    table.row(
        "Device::attribute", [&] { (void)device.attribute("power/control"); });
    table.row("Device::set_attribute",
        [&] { device.set_attribute("power/control", "on"); });
    table.row("ConfigStore::find", [&] { (void)store.find(uuid(1), "mtty"); });
    table.row("ConfigStore::all, 10 definitions", [&] { (void)store.all(); });
    table.row("ListedDevice::active, one UUID", [&] {
        mdev::ListedDevice::active(uuid(1), {}, mdev::AskScripts::no, env);
    });
    table.row("ListedDevice::defined, one UUID", [&] {
        mdev::ListedDevice::defined(uuid(1), {}, mdev::AskScripts::no, env);
    });
}

void measure_commands(Table& table, const mdev::Environment& env)
{
    const mdev::Manager manager(env);
    const auto device = uuid(20);
    const mdev::Definition definition(device, "mtty", "mtty-1");
    const auto define = [&] { manager.define(definition); };
    const auto undefine = [&] { manager.undefine(device, "mtty"); };
    const auto start = [&] { manager.start(definition); };
    const auto stop = [&] { manager.stop(device); };
    table.row("Manager, constructor", [&] { (void)mdev::Manager(env); });
    table.row("Manager::define", define, undefine);
    table.row("Manager::start", start, stop);
    start();
    table.row("Manager::stop", stop, start);
    stop();
    define();
    table.row("Manager::modify", [&] {
        manager.modify(device, "mtty", [](mdev::Definition& changed) {
            changed.append_attribute("power/control", "on");
        });
    });
    table.row("Manager::undefine", undefine, define);
    undefine();
}

}

int main(int argc, char** argv)
try {
    constexpr std::uint8_t devices = 10;
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    const mdev::Manager manager(env);
    for (std::uint8_t i = 1; i <= devices; ++i) {
        const mdev::Definition definition(uuid(i), "mtty", "mtty-1");
        manager.define(definition);
        manager.start(definition);
    }
    Table table;
    measure_look_ups(table, env);
    measure_commands(table, env);
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
