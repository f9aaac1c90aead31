// SPDX-License-Identifier: LGPL-2.1-or-later
// Hears what happens instead of asking again and again.
#include <mdev/mdev.hpp>

#include <cstdio>
#include <poll.h>

namespace {

const char* word(mdev::EventKind kind)
{
    switch (kind) {
    case mdev::EventKind::device_added: return "active";
    case mdev::EventKind::device_removed: return "not active";
    case mdev::EventKind::parent_registered: return "a parent";
    case mdev::EventKind::parent_unregistered: return "no parent";
    case mdev::EventKind::definition_added: return "defined";
    case mdev::EventKind::definition_changed: return "defined anew";
    case mdev::EventKind::definition_removed: return "not defined";
    case mdev::EventKind::overflow: return "list everything again";
    }
    return "something newer than this program";
}

void say(const mdev::Event& event)
{
    std::printf("%s %s\n",
        event.uuid() ? event.uuid()->string().c_str() : event.parent().c_str(),
        word(event.kind()));
}

/// Until nothing has happened for a while.
void tell(const mdev::Monitor& monitor)
{
    constexpr int milliseconds = 200;
    struct pollfd waiting {
        monitor.descriptor(), POLLIN, 0
    };
    while (poll(&waiting, 1, milliseconds) > 0)
        for (const auto& event : monitor.read())
            say(event);
}

}

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    const auto uuid =
        mdev::Uuid::parse("83b8f4f2-509f-382f-3c1e-e6bfe0fa1001").value();

    // What is there already is told in the same words, and nothing is missed
    // between that and what comes later.
    const mdev::Monitor monitor(env);
    for (const auto& event : monitor.current())
        say(event);

    const mdev::Manager manager(env);
    manager.define(mdev::Definition(uuid, "mtty", "mtty-1"));
    tell(monitor);
    manager.undefine(uuid, "mtty");
    tell(monitor);
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
