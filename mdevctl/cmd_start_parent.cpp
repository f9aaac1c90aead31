// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "interruption.hpp"

#include <mdev/manager.hpp>

#include <cstdlib>

namespace {

/// udev and systemd know the parent by its directory in sysfs.
std::string_view parent_name(std::string_view operand)
{
    if (operand.substr(0, 1) != "/")
        return operand;
    return operand.substr(operand.rfind('/') + 1);
}

}

int run_start_parent(const mdev::Environment& env, const Arguments& arguments)
{
    const auto wait = arguments.wait();
    mdev::Manager(interruptible(env))
        .start_parent(parent_name(arguments.operand()), wait);
    return EXIT_SUCCESS;
}

int run_start_all(const mdev::Environment& env, const Arguments& arguments)
{
    const auto wait = arguments.wait();
    mdev::Manager(interruptible(env)).start_all(wait);
    return EXIT_SUCCESS;
}
