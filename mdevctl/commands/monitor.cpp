// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "events.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <poll.h>
#include <unistd.h>

namespace {

mdev::EventKind find_kind(const Command& command, std::string_view word)
{
    for (const auto kind : event_kinds())
        if (word == mdev::word(kind))
            return kind;
    std::vector<std::string> words;
    for (const auto kind : event_kinds())
        words.emplace_back(mdev::word(kind));
    const auto meant = did_you_mean(word, words);
    throw UsageError(&command,
        "'" + std::string(word) + "' is not an event" +
            (meant.empty() ? "; the events are " + joined(words, ", ")
                           : meant));
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

/// The time as in ISO 8601, to the millisecond, with the zone.
std::string now()
{
    timespec time{};
    tm local{};
    (void)clock_gettime(CLOCK_REALTIME, &time);
    (void)localtime_r(&time.tv_sec, &local);
    std::array<char, 64> date{};
    std::array<char, 16> zone{};
    (void)std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &local);
    (void)std::strftime(zone.data(), zone.size(), "%z", &local);
    auto millis = std::to_string(time.tv_nsec / 1000000);
    millis.insert(0, 3 - millis.size(), '0');
    return std::string(date.data()) + "." + millis + zone.data();
}

void begin_line(Output& output, const Arguments& arguments)
{
    if (arguments.has("timestamp") && !arguments.has("json"))
        output.text(now()).text(" ");
}

void append_json(Output& output, std::string object, const Arguments& arguments)
{
    if (arguments.has("timestamp"))
        object.insert(1, "\"time\": \"" + now() + "\", ");
    output.json(std::move(object));
}

/// Marks the end of the events for what existed before.
void print_mark(const Arguments& arguments)
{
    Output output;
    if (arguments.has("json"))
        append_json(output, R"({"event": "initial-end"})", arguments);
    else {
        begin_line(output, arguments);
        output.text("initial-end\n");
    }
    output.send();
}

void print(const std::vector<mdev::Event>& events, const Arguments& arguments)
{
    Output output;
    for (const auto& event : events) {
        if (arguments.has("json")) {
            append_json(output, event.to_json(), arguments);
            continue;
        }
        begin_line(output, arguments);
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

}

std::vector<mdev::EventKind> event_kinds()
{
    std::vector<mdev::EventKind> kinds;
    const auto last = static_cast<int>(mdev::EventKind::overflow);
    for (int number = 1; number < last; ++number)
        kinds.push_back(static_cast<mdev::EventKind>(number));
    return kinds;
}

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

int run_monitor(const mdev::Environment& env, const Arguments& arguments)
{
    const int interruption = interruption_descriptor();
    const mdev::Monitor monitor(env, filter(arguments));
    if (arguments.has("initial"))
        print(monitor.current(), arguments);
    const bool is_marked = arguments.has("mark") ||
        (isatty(STDOUT_FILENO) == 1 && !arguments.has("json"));
    if (arguments.has("initial") && is_marked)
        print_mark(arguments);
    while (wait_for_events(monitor, interruption))
        print(monitor.read(), arguments);
    return EXIT_SUCCESS;
}
