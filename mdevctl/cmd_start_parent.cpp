// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "interruption.hpp"

#include <mdev/manager.hpp>

#include <cstdlib>

int run_start_parent(const mdev::Environment& env, const Arguments& arguments)
{
    mdev::Manager(interruptible(env)).start_parent(arguments.operand());
    return EXIT_SUCCESS;
}
