// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"

#include <mdev/monitor.hpp>

#include <set>
#include <string_view>

namespace mdev {

struct Event::Impl {
    EventKind kind;
    std::string parent;
    std::optional<Uuid> uuid;
    std::string type_id = {};
    std::optional<StartMode> start = {};
    std::vector<std::string> offered_type_ids = {};
};

inline Event make_event(
    EventKind kind, std::string parent, const std::optional<Uuid>& uuid)
{
    return Access::make<Event>({kind, std::move(parent), uuid});
}

/// Returns the event with what the system says now about its device, parent or
/// definition. What cannot be found out stays empty.
Event with_details(const Event& event, const Environment& env);

struct EventFilter::Impl {
    std::optional<std::string> parent;
    std::optional<Uuid> uuid;
    std::set<EventKind> kinds;

    /// Whether an event of one of the kinds from `first` to `last` can be
    /// selected.
    bool selects_kinds(EventKind first, EventKind last) const;
    bool selects(const Event& event) const;
};

/// Parses a message of the kernel. Nothing, usually, because the message is not
/// about mediated devices. `message` is what the netlink socket delivers:
/// `add@/PATH` and then `KEY=VALUE` fields, each ended by a NUL byte.
std::optional<Event> parse_uevent(std::string_view message);

}
