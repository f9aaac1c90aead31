// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "event_kinds.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <poll.h>

namespace {

mdev::EventKind find_kind(const Command& command, std::string_view word)
{
    for (const auto kind : event_kinds())
        if (word == mdev::word(kind))
            return kind;
    std::vector<std::string_view> words;
    for (const auto kind : event_kinds())
        words.emplace_back(mdev::word(kind));
    throw UsageError(&command,
        "'" + std::string(word) + "' is not an event; the events are " +
            joined(words, ", "));
}

mdev::EventFilter filter(const Arguments& arguments)
{
    mdev::EventFilter filter;
    if (const auto parent = arguments.value("parent"))
        filter.parent(*parent);
    if (const auto uuid = arguments.uuid())
        filter.uuid(*uuid);
    const auto words = arguments.value("event");
    for (std::size_t at = 0; words && at <= words->size();) {
        const auto end = std::min(words->find(',', at), words->size());
        filter.kind(
            find_kind(arguments.command(), words->substr(at, end - at)));
        at = end + 1;
    }
    return filter;
}

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
        if (!event.type_id().empty())
            output.text(" ").untrusted(event.type_id());
        if (event.start())
            output.text(" ").text(word(*event.start()));
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

std::vector<mdev::EventKind> event_kinds()
{
    std::vector<mdev::EventKind> kinds;
    const auto last = static_cast<int>(mdev::EventKind::overflow);
    for (int number = 1; number < last; ++number)
        kinds.push_back(static_cast<mdev::EventKind>(number));
    return kinds;
}

int run_monitor(const mdev::Environment& env, const Arguments& arguments)
{
    const int interruption = interruption_descriptor();
    const bool as_json = arguments.has("json");
    const mdev::Monitor monitor(env, filter(arguments));
    if (arguments.has("initial"))
        print(monitor.current(), as_json);
    while (wait_for_events(monitor, interruption))
        print(monitor.read(), as_json);
    return EXIT_SUCCESS;
}
