// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

int run_start(const mdev::Environment& env, const Arguments& arguments)
{
    Report report(env, arguments);
    if (arguments.has("all")) {
        report.manager().start_defined(arguments.value("parent"));
        return report.finish();
    }
    if (arguments.has("jsonfile")) {
        const auto definition = arguments.definition();
        report.manager().start(definition);
        return report.finish(definition.uuid(), "started");
    }
    return report.finish(
        report.manager().start(arguments.spec()).uuid(), "started");
}

int run_stop(const mdev::Environment& env, const Arguments& arguments)
{
    Report report(env, arguments);
    if (arguments.has("all"))
        report.manager().stop_all(arguments.value("parent"));
    else
        report.manager().stop(arguments.needed_uuid());
    return report.finish();
}

int run_start_parent(const mdev::Environment& env, const Arguments& arguments)
{
    // udev and systemd pass the directory of the parent in sysfs.
    auto parent = arguments.operand();
    if (parent.starts_with('/'))
        parent.erase(0, parent.rfind('/') + 1);
    Report report(env, arguments);
    report.manager().start_parent(parent, arguments.wait());
    return report.finish();
}

int run_start_all(const mdev::Environment& env, const Arguments& arguments)
{
    Report report(env, arguments);
    report.manager().start_all(arguments.wait());
    return report.finish();
}
