// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hints.hpp"
#include "report.hpp"
#include "streams.hpp"
#include "text.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <unistd.h>

namespace {

using mdev::ListedDevice;

bool is_automatic(const ListedDevice& device)
{
    return device.definition().start() == mdev::StartMode::automatic;
}

/// The definitions that a command for several devices starts, if stderr is a
/// terminal; otherwise none, because no progress is shown.
std::vector<ListedDevice> definitions_to_watch(const mdev::Environment& env,
    const std::optional<std::string>& parent, bool only_automatic)
{
    if (isatty(STDERR_FILENO) != 1)
        return {};
    auto found = ListedDevice::defined(
        {}, parent, mdev::AskScripts::no, env.with_log({}));
    std::erase_if(found, [&](const ListedDevice& device) {
        return only_automatic && !is_automatic(device);
    });
    return found;
}

/// Unlike `start-all`, `start --all` also starts definitions with start mode
/// `manual`: a person should notice this.
void announce(const std::vector<ListedDevice>& definitions,
    const Arguments& arguments, const mdev::Environment& env)
{
    const auto is_manual = [](const ListedDevice& device) {
        return !device.is_active() && !is_automatic(device);
    };
    const auto count =
        std::count_if(definitions.begin(), definitions.end(), is_manual);
    if (count > 0 && !arguments.has("quiet"))
        env.log(mdev::LogLevel::warning,
            "--all also starts " +
                mdev::counted(static_cast<std::size_t>(count), "device") +
                " with start mode manual; --auto does not");
}

/// The parent or type that has to appear before the definition can be started.
std::string awaited(
    const mdev::Definition& device, const mdev::Environment& env)
{
    const auto parent = mdev::ParentDevice::find(device.parent(), env);
    if (!parent)
        return "parent '" + device.parent() + "' appears";
    try {
        if (!parent->type(device.type_id()))
            return "parent '" + device.parent() + "' offers type '" +
                device.type_id() + "'";
    } catch (const mdev::Error&) {
        return "parent '" + device.parent() + "' offers types";
    }
    return "";
}

void say_wait(
    Report& report, const Arguments& arguments, const std::string& what)
{
    if (!what.empty() && arguments.wait().count() > 0)
        report.say_wait("Waiting up to " +
            std::to_string(arguments.wait().count()) + " s until " + what);
}

/// Before a start of one device.
void say_wait(Report& report, const Arguments& arguments,
    const mdev::Environment& env, const mdev::DeviceSpec& spec)
{
    if (arguments.wait().count() == 0 || isatty(STDERR_FILENO) != 1)
        return;
    const auto silent = env.with_log({});
    if (spec.uuid())
        for (const auto& device : ListedDevice::defined(
                 spec.uuid(), spec.parent(), mdev::AskScripts::no, silent))
            return say_wait(
                report, arguments, awaited(device.definition(), silent));
    if (spec.parent() && spec.type_id())
        say_wait(report, arguments,
            awaited({spec.uuid().value_or(mdev::Uuid::random()), *spec.parent(),
                        *spec.type_id()},
                silent));
}

/// Before a stop that would wait for a user of the device: the library warns of
/// the wait, and this function prints how a person can avoid it.
void say_wait_for_users(const mdev::Environment& env,
    const Arguments& arguments, const mdev::Uuid& uuid)
try {
    if (isatty(STDERR_FILENO) != 1 || arguments.has("quiet") ||
        arguments.has("dry-run"))
        return;
    const auto device = mdev::Device::find(uuid, env.with_log({}));
    if (device && !device->users().empty())
        print_message("Hint",
            "Ctrl-C ends the wait for its user, but not the removal; "
            "--if-unused would not have begun");
} catch (const mdev::Error&) {
    // The command itself reports it.
}

/// Starts several devices, and shows the progress.
void start_several(Report& report, const Arguments& arguments,
    const mdev::Environment& env, const std::optional<std::string>& parent,
    bool only_automatic)
{
    if (parent)
        warn_of_unknown_parent(env, *parent, "nothing is started");
    const auto watched = definitions_to_watch(env, parent, only_automatic);
    if (!only_automatic)
        announce(watched, arguments, env);
    report.show_progress(watched.size());
    for (const auto& device : watched)
        if (const auto what = awaited(device.definition(), env.with_log({}));
            !what.empty()) {
            say_wait(report, arguments, what);
            break;
        }
    if (!only_automatic)
        report.manager().start_defined(parent);
    else if (parent)
        report.manager().start_parent(*parent, arguments.wait());
    else
        report.manager().start_all(arguments.wait());
}

}

int run_start(const mdev::Environment& env, const Arguments& arguments)
{
    const auto uuids = arguments.uuids();
    const bool is_several = arguments.has("auto") || arguments.has("all");
    Report report(env, arguments,
        is_several ? Report::Words::always : Report::Words::by_options);
    if (is_several) {
        start_several(report, arguments, env, arguments.value("parent"),
            arguments.has("auto"));
        return report.finish();
    }
    if (arguments.has("jsonfile") && uuids.size() > 1)
        arguments.refuse("'--jsonfile' describes one device, not several");
    if (arguments.has("jsonfile")) {
        const auto definition = arguments.definition();
        report.manager().start(definition);
        return report.finish(definition.uuid(), "started");
    }
    if (uuids.empty()) {
        say_wait(report, arguments, env, arguments.spec());
        return report.finish(
            report.manager().start(arguments.spec()).uuid(), "started");
    }
    const auto manager = report.manager();
    report.for_each(uuids, "started", [&](const mdev::Uuid& uuid) {
        auto spec = arguments.spec();
        spec.uuid(uuid);
        say_wait(report, arguments, env, spec);
        manager.start(spec);
    });
    return report.finish(uuids.front(), "started");
}

int run_stop(const mdev::Environment& env, const Arguments& arguments)
{
    const auto uuids = arguments.uuids();
    Report report(env, arguments);
    if (arguments.has("all")) {
        if (const auto parent = arguments.value("parent"))
            warn_of_unknown_parent(env, *parent, "nothing is stopped");
        report.manager().stop_all(arguments.value("parent"));
        return report.finish();
    }
    const auto manager = report.manager();
    report.for_each(uuids, "stopped", [&](const mdev::Uuid& uuid) {
        if (!arguments.has("if-unused") && !arguments.has("timeout"))
            say_wait_for_users(env, arguments, uuid);
        manager.stop(uuid);
    });
    return report.finish();
}

int run_start_parent(const mdev::Environment& env, const Arguments& arguments)
{
    // udev and systemd pass the directory of the parent in sysfs.
    auto parent = arguments.operand();
    if (parent.starts_with('/'))
        parent.erase(0, parent.rfind('/') + 1);
    Report report(env, arguments);
    start_several(report, arguments, env, parent, true);
    return report.finish();
}

int run_start_all(const mdev::Environment& env, const Arguments& arguments)
{
    Report report(env, arguments, Report::Words::always);
    start_several(report, arguments, env, {}, true);
    return report.finish();
}
