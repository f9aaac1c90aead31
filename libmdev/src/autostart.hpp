// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/manager.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace mdev {

/// Starts those of the definitions that are to start automatically, in their
/// order, and waits for what may still come: a parent or a type that is not
/// there yet, a driver that is busy. Every failure is logged. Runs for the
/// same parent take turns. Throws Error: Errc::partial_failure, which calls
/// the devices `whose`, or Errc::cancelled.
void autostart(const Manager& manager, const Environment& env,
    std::vector<Definition> definitions, std::chrono::milliseconds wait,
    const std::string& whose);

}
