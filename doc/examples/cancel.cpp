// SPDX-License-Identifier: LGPL-2.1-or-later
// Cancels a command that has to wait.
#include <mdev/mdev.hpp>

#include <chrono>
#include <cstdio>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>

int main(int argc, char** argv)
{
    const int cancel = eventfd(0, EFD_CLOEXEC);
    const auto env =
        mdev::Environment(argc > 1 ? argv[1] : "/").with_cancel(cancel);
    const mdev::ConfigStore store(env);
    const auto held = store.lock();

    // Waits for the lock `held` of the main thread, by default up to a minute.
    std::thread worker([&] {
        try {
            mdev::Manager(env).define(
                mdev::Definition(mdev::Uuid::random(), "mtty", "mtty-1"));
        } catch (const mdev::Error& error) {
            std::printf("%s\n",
                error.code() == mdev::Errc::cancelled ? "cancelled"
                                                      : error.what());
        }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    // The descriptor stays readable: from now on nothing waits with `env`.
    eventfd_write(cancel, 1);
    worker.join();

    // A request with limits of its own, and the remembered answers of scripts.
    try {
        const auto soon =
            std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
        mdev::Manager(env)
            .with_environment(env.with_cancel(-1).with_deadline(soon))
            .define(mdev::Definition(mdev::Uuid::random(), "mtty", "mtty-1"));
    } catch (const mdev::Error& error) {
        std::printf("%s\n",
            error.code() == mdev::Errc::timed_out ? "too late" : error.what());
    }
    close(cancel);
}
