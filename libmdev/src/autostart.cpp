// SPDX-License-Identifier: LGPL-2.1-or-later
#include "autostart.hpp"

#include "environment_access.hpp"
#include "lock_file.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <cerrno>
#include <set>

namespace mdev {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds between_tries(250);

enum class Outcome { runs, failed, may_come };

/// Holds other runs for the same parents back. Where that cannot be, two runs
/// only try the same twice.
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
            env.lock_timeout() + wait, EnvironmentAccess::cancel(env)));
    return locks;
} catch (const Error& error) {
    if (error.code() == Errc::cancelled)
        throw;
    env.log(LogLevel::info, error.what());
    return {};
}

bool is_running(const Definition& definition, const Environment& env)
{
    const auto device = Device::find(definition.uuid(), env);
    return device && device->parent() == definition.parent() &&
        device->type() == definition.type();
}

bool is_offered(const Definition& definition, const Environment& env)
try {
    const auto parent = ParentDevice::find(definition.parent(), env);
    return parent && parent->type(definition.type());
} catch (const Error&) {
    return false;
}

bool may_pass(const Error& error)
{
    const auto cause = error.cause().value();
    return error.code() == Errc::no_such_parent ||
        error.code() == Errc::no_such_type || cause == EAGAIN ||
        cause == EBUSY || cause == ENODEV;
}

Outcome start(const Manager& manager, const Environment& env,
    const Definition& definition, bool is_last_try)
try {
    if (is_running(definition, env))
        return Outcome::runs;
    // Scripts need not hear of a device that cannot be made yet.
    if (!is_last_try && !is_offered(definition, env))
        return Outcome::may_come;
    manager.start(definition, Force::no);
    return Outcome::runs;
} catch (const Error& error) {
    // Somebody else was faster, as when udev tells of one parent twice.
    const bool kernel_has_it = error.cause().value() == EEXIST;
    if (error.code() == Errc::already_active &&
        (kernel_has_it || is_running(definition, env)))
        return Outcome::runs;
    if (error.code() == Errc::cancelled)
        throw;
    if (!is_last_try && may_pass(error))
        return Outcome::may_come;
    env.log(LogLevel::error, error.what());
    return Outcome::failed;
}

void check_not_cancelled(
    const Environment& env, milliseconds time, const std::string& whose)
{
    if (is_cancelled_within(time, EnvironmentAccess::cancel(env)))
        throw Error(
            Errc::cancelled, whose, "Starting the " + whose + " was cancelled");
}

}

void autostart(const Manager& manager, const Environment& env,
    std::vector<Definition> definitions, milliseconds wait,
    const std::string& whose)
{
    const auto deadline = steady_clock::now() + wait;
    std::erase_if(definitions, [](const Definition& definition) {
        return definition.start() != StartMode::automatic;
    });
    if (definitions.empty())
        return;
    const auto locks = lock_parents(env, definitions, wait);
    const auto wanted = definitions.size();
    std::size_t failed = 0;
    for (;;) {
        const bool is_last_try = steady_clock::now() >= deadline;
        std::erase_if(definitions, [&](const Definition& definition) {
            check_not_cancelled(env, milliseconds(0), whose);
            const auto outcome = start(manager, env, definition, is_last_try);
            failed += outcome == Outcome::failed ? 1 : 0;
            return outcome != Outcome::may_come;
        });
        if (definitions.empty())
            break;
        check_not_cancelled(env, between_tries, whose);
    }
    if (failed > 0)
        throw Error(Errc::partial_failure, whose,
            std::to_string(failed) + " of " + std::to_string(wanted) + " " +
                whose + " could not be started");
}

}
