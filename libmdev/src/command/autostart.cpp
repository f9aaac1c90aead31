// SPDX-License-Identifier: LGPL-2.1-or-later
#include "autostart.hpp"

#include "environment_access.hpp"
#include "lock_file.hpp"

#include <mdev/device.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>

namespace mdev {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_tries(250);

/// Whether it neither runs nor could be made now.
bool is_awaited(const Definition& definition, const Environment& env)
try {
    if (Device::find(definition.uuid(), env))
        return false;
    const auto parent = ParentDevice::find(definition.parent(), env);
    return !parent || !parent->type(definition.type());
} catch (const Error&) {
    return true;
}

bool may_pass(const Error& error)
{
    const auto cause = error.cause().value();
    return error.code() == Errc::no_such_parent ||
        error.code() == Errc::no_such_type || cause == EAGAIN ||
        cause == EBUSY || cause == ENODEV;
}

/// Whether it may be tried again; otherwise `report` has heard of it.
bool may_come(const Manager& manager, const Environment& env,
    const Definition& definition, Force force, bool is_last_try,
    const StartReport& report)
{
    // Scripts need not hear of a device that cannot be made yet.
    if (!is_last_try && is_awaited(definition, env))
        return true;
    std::optional<Outcome> outcome;
    try {
        manager.with_listener([&](const Outcome& heard) { outcome = heard; })
            .start(definition, force);
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled)
            throw;
        if (!is_last_try && may_pass(error))
            return true;
        report(*outcome, &error);
        return false;
    }
    report(*outcome, nullptr);
    return false;
}

}

std::vector<FileDescriptor> lock_parents(const Environment& env,
    const std::vector<Definition>& definitions, milliseconds wait)
try {
    std::vector<FileDescriptor> locks;
    const auto run = env.root() / "run";
    if (!Directory::at(run))
        return locks;
    std::set<std::string> parents;
    for (const auto& definition : definitions)
        parents.insert(definition.parent());
    const auto directory = Directory::make(run / "mdevctl");
    for (const auto& parent : parents)
        locks.push_back(lock_file(directory, parent + ".lock",
            Deadline(saturating_sum(env.lock_timeout(), wait)),
            cancellation(env)));
    return locks;
} catch (const Error& error) {
    if (error.code() == Errc::cancelled)
        throw;
    env.log(LogLevel::info, error.what());
    return {};
}

void start_each(const Manager& manager, const Environment& env,
    std::vector<Definition> definitions, Force force, milliseconds wait,
    const std::string& whose, const StartReport& report)
{
    const Deadline deadline(wait);
    const auto what = "Starting the " + whose;
    for (;;) {
        const bool is_last_try = deadline.has_passed();
        std::erase_if(definitions, [&](const Definition& definition) {
            cancellation(env).check(what, whose);
            return !may_come(
                manager, env, definition, force, is_last_try, report);
        });
        if (definitions.empty())
            return;
        cancellation(env).wait(between_tries, what, whose);
    }
}

}
