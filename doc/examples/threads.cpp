// SPDX-License-Identifier: LGPL-2.1-or-later
// Several threads use one Manager.
#include <mdev/mdev.hpp>

#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

int main(int argc, char** argv)
{
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    const mdev::Manager manager(env);
    std::atomic<int> started = 0;

    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            try {
                const auto device = manager.start(
                    mdev::DeviceSpec().parent("mtty").type_id("mtty-1"));
                ++started;
                manager.stop(device.uuid());
            } catch (const mdev::Error& error) {
                // An exception must not leave a thread.
                std::fprintf(stderr, "%s\n", error.what());
            }
        });
    for (auto& thread : threads)
        thread.join();
    std::printf("%d started, %zu left\n", started.load(),
        mdev::Device::all(env).size());
}
