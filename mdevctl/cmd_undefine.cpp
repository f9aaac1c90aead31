// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "interruption.hpp"

#include <mdev/manager.hpp>

#include <cstdlib>

int run_undefine(const mdev::Environment& env, const Arguments& arguments)
{
    mdev::Manager(interruptible(env))
        .undefine(arguments.needed_uuid(), arguments.value("parent"),
            arguments.force());
    return EXIT_SUCCESS;
}
