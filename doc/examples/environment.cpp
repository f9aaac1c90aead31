// SPDX-License-Identifier: LGPL-2.1-or-later
// The root directory, the log callback and the time limits.
#include <mdev/config_store.hpp>
#include <mdev/environment.hpp>

#include <chrono>
#include <cstdio>
#include <string>

namespace {

// Several threads may call this at once; fprintf locks its stream.
void print(mdev::LogLevel level, std::string_view message)
{
    if (level <= mdev::LogLevel::warning)
        std::fprintf(stdout, "log: %s\n", std::string(message).c_str());
}

}

int main(int argc, char** argv)
{
    using namespace std::chrono_literals;
    const auto env = mdev::Environment(argc > 1 ? argv[1] : "/")
                         .with_log(print)
                         .with_lock_timeout(5s)
                         .with_script_timeout(20s);

    env.log(mdev::LogLevel::warning, "it works");
    std::printf("a script may take %lld ms\n",
        static_cast<long long>(env.script_timeout().count()));
    std::printf("the store is waited for %lld ms, other commands %lld ms\n",
        static_cast<long long>(env.lock_timeout().count()),
        static_cast<long long>(
            env.with_callout_lock_timeout(30s).callout_lock_timeout().count()));

    // The library's own messages go to the same function.
    const auto definitions = mdev::ConfigStore(env).all();
    std::printf("%zu definitions\n", definitions.size());

    // Every path follows from the root.
    const auto other = env.with_root("/mnt/system");
    std::printf("%s: %s, %s, %s\n", other.root().c_str(),
        other.parents_directory().c_str(), other.devices_directory().c_str(),
        other.notifier_directories().back().c_str());

    // In a container, for example: the host's /sys, but other directories.
    const auto container = env.with_config_directory("/mnt/definitions")
                               .with_script_directories({"/mnt/scripts.d"});
    std::printf("%s, %s\n", container.definitions_directory().c_str(),
        container.callout_directories().front().c_str());
}
