// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/monitor.hpp>

#include <vector>

/// Returns the kinds that `monitor --event` knows: all but the overflow, which
/// is always printed.
std::vector<mdev::EventKind> event_kinds();
