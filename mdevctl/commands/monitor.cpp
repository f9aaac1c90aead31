// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <mdev/error.hpp>
#include <mdev/monitor.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <poll.h>

namespace {

void print(const std::vector<mdev::Event>& events, bool as_json)
{
    Output output;
    for (const auto& event : events) {
        if (as_json) {
            output.json(event.to_json());
            continue;
        }
        output.text(event.word());
        if (event.uuid())
            output.text(" ").text(event.uuid()->string());
        if (!event.parent().empty())
            output.text(" ").untrusted(event.parent());
        output.text("\n");
    }
    output.send();
}

/// Waits for events; returns false if a signal has come or if nobody reads the
/// output any more.
bool wait_for_events(const mdev::Monitor& monitor, int interruption)
{
    std::array<pollfd, 3> waiting{{{monitor.descriptor(), POLLIN, 0},
        {interruption, POLLIN, 0}, {STDOUT_FILENO, 0, 0}}};
    while (poll(waiting.data(), waiting.size(), -1) < 0)
        if (errno != EINTR)
            throw mdev::Error(std::error_code(errno, std::system_category()),
                "poll", "Cannot wait for events");
    return waiting[1].revents == 0 && (waiting[2].revents & POLLERR) == 0;
}

}

int run_monitor(const mdev::Environment& env, const Arguments& arguments)
{
    const int interruption = interruption_descriptor();
    const bool as_json = arguments.has("json");
    const mdev::Monitor monitor(env);
    if (arguments.has("initial"))
        print(monitor.current(), as_json);
    while (wait_for_events(monitor, interruption))
        print(monitor.read(), as_json);
    return EXIT_SUCCESS;
}
