// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"

#include <mdev/definition.hpp>
#include <mdev/error.hpp>
#include <mdev/manager.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace mdev {

/// Holds other runs for the parents of these definitions back. Where that
/// cannot be, two runs only try the same twice.
std::vector<FileDescriptor> lock_parents(const Environment& env,
    const std::vector<Definition>& definitions, std::chrono::milliseconds wait);

/// Hears what came of a device in the end; null if it did not fail.
using StartReport = std::function<void(const Outcome&, const Error*)>;

/// Starts each of the definitions, in their order, through `manager`, and waits
/// for what may still come: a parent or a type that is not there yet, a driver
/// that is busy. Throws Error (Errc::cancelled), which calls the devices
/// `whose`, and what `report` throws.
void start_each(const Manager& manager, const Environment& env,
    std::vector<Definition> definitions, Force force,
    std::chrono::milliseconds wait, const std::string& whose,
    const StartReport& report);

}
