// SPDX-License-Identifier: LGPL-2.1-or-later
// Receives events instead of polling.
#include <mdev/mdev.hpp>

#include <cstdio>
#include <poll.h>

namespace {

void print(const mdev::Event& event)
{
    std::printf("%s %s\n",
        event.uuid() ? event.uuid()->string().c_str() : event.parent().c_str(),
        mdev::word(event.kind()));
    for (const auto& type : event.offered_type_ids())
        std::printf("  it offers %s\n", type.c_str());
}

/// Prints events until no event has arrived for a while.
void print_events(const mdev::Monitor& monitor)
{
    constexpr int milliseconds = 200;
    struct pollfd waiting {
        monitor.descriptor(), POLLIN, 0
    };
    while (poll(&waiting, 1, milliseconds) > 0)
        for (const auto& event : monitor.read())
            print(event);
}

}

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    const auto uuid =
        mdev::Uuid::parse("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001").value();

    // current() reports the present state as events; no later event is missed.
    const mdev::Monitor monitor(env);
    for (const auto& event : monitor.current())
        print(event);
    // Without events of the kernel, as in some containers, a program polls.
    if (!monitor.has_uevents())
        (void)mdev::Device::all(env);

    const mdev::Manager manager(env);
    manager.define(mdev::Definition(uuid, "mtty", "mtty-1"));
    print_events(monitor);
    manager.undefine(uuid, "mtty");
    print_events(monitor);
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
