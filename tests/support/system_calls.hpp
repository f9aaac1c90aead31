// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mdev::test {

/// A system call that a process made, and the path that it opened; empty if it
/// opened none.
struct TracedCall {
    long number;
    std::string path;
};

/// Returns the system calls of `work`, including its processes and threads, in
/// a child. The child calls `work` once before, and `undo` after each call, so
/// that calls that are made only once do not count. Calls for memory do not
/// count either. Returns nothing if no process can be traced.
std::optional<std::vector<TracedCall>> system_calls_of(
    const std::function<void()>& work,
    const std::function<void()>& undo = [] {});

}
