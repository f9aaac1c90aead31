// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/monitor.hpp>

#include <vector>

/// Returns the kinds of events that `monitor --event` can select: all but
/// overflow.
std::vector<mdev::EventKind> event_kinds();

/// Waits for events; returns false if `interruption` becomes readable, or if
/// nobody reads the output any more.
bool wait_for_events(const mdev::Monitor& monitor, int interruption);
