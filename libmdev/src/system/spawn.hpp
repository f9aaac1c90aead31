// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"
#include "process.hpp"

#include <sys/types.h>

namespace mdev {

/// A child that runs, and this process's ends of its pipes.
struct SpawnedChild {
    pid_t pid = -1;
    int error = 0; ///< an errno if the program could not be executed
    FileDescriptor output{};
    FileDescriptor errors{};
};

/// Starts a program, whose input is ready already. All resources are allocated
/// before the child: if there are too few descriptors, throws Error and has
/// started nothing.
SpawnedChild spawn(const ProcessCall& call);

}
