// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

#include <cstdlib>

int run_stop(const mdev::Environment& env, const Arguments& arguments)
{
    const bool all = arguments.has("all");
    const Report report(
        arguments, all ? Report::Words::always : Report::Words::only_if_dry);
    const auto manager = report.manager(env);
    if (all)
        manager.stop_all(arguments.value("parent"));
    else
        manager.stop(arguments.needed_uuid());
    report.finish();
    return EXIT_SUCCESS;
}
