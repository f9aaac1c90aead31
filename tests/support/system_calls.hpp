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

/// The system calls of `work` and of the processes and threads that it begins,
/// made by a child, which does it once before, and `undo` after each: what is
/// asked of the kernel only once is not among them, and neither is memory.
/// Nothing where no process can be traced.
std::optional<std::vector<TracedCall>> system_calls_of(
    const std::function<void()>& work,
    const std::function<void()>& undo = [] {});

}
