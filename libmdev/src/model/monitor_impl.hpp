// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"

#include <mdev/monitor.hpp>

#include <string_view>

namespace mdev {

struct Event::Impl {
    EventKind kind;
    std::string parent;
    std::optional<Uuid> uuid;
};

inline Event make_event(
    EventKind kind, std::string parent, const std::optional<Uuid>& uuid)
{
    return Access::make<Event>({kind, std::move(parent), uuid});
}

/// Parses a message of the kernel. Nothing, usually, because the message is not
/// about mediated devices. `message` is what the netlink socket delivers:
/// `add@/PATH` and then `KEY=VALUE` fields, each ended by a NUL byte.
std::optional<Event> parse_uevent(std::string_view message);

}
