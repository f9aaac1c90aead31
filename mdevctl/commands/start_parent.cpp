// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

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
    const Report report(arguments, Report::Words::only_if_dry);
    report.manager(env).start_parent(
        parent_name(arguments.operand()), arguments.wait());
    report.finish();
    return EXIT_SUCCESS;
}

int run_start_all(const mdev::Environment& env, const Arguments& arguments)
{
    const Report report(arguments, Report::Words::only_if_dry);
    report.manager(env).start_all(arguments.wait());
    report.finish();
    return EXIT_SUCCESS;
}
