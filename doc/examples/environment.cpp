// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the system is, who listens and how long things may take.
#include <mdev/config_store.hpp>
#include <mdev/environment.hpp>

#include <chrono>
#include <cstdio>
#include <string>

namespace {

// May be called from several threads at once; fprintf locks its stream.
void print(mdev::LogLevel level, std::string_view message)
{
    if (level <= mdev::LogLevel::warning)
        std::fprintf(stdout, "heard: %s\n", std::string(message).c_str());
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

    // What the library has to say comes the same way.
    const auto definitions = mdev::ConfigStore(env).all();
    std::printf("%zu definitions\n", definitions.size());
}
