// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

#include <cstdlib>

int run_undefine(const mdev::Environment& env, const Arguments& arguments)
{
    const Report report(arguments, Report::Words::only_if_dry);
    report.manager(env).undefine(
        arguments.needed_uuid(), arguments.value("parent"));
    report.finish();
    return EXIT_SUCCESS;
}
