// SPDX-License-Identifier: LGPL-2.1-or-later
#include "hints.hpp"

#include "output.hpp"
#include "streams.hpp"
#include "text.hpp"

#include <mdev/diagnosis.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <cerrno>
#include <unistd.h>

// The library's errors say what failed, on what and why. This file adds what to
// do, in the words of the command line.

namespace {

using mdev::Errc;

bool is_person_reading()
{
    return isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

/// The finding of doctor about hardware that is divided without mdev.
void say_of_vendor_vfio(const mdev::Environment& env)
{
    for (const auto& finding : mdev::diagnose(env))
        if (finding.id() == "no-virtual-functions")
            print_message("Hint", finding.message());
}

std::vector<std::string> parent_names(const mdev::Environment& env)
{
    std::vector<std::string> names;
    for (const auto& parent : mdev::ParentDevice::all(env.with_log({})))
        names.push_back(parent.name());
    return names;
}

/// The hint about a type that no parent offers.
std::string meant_type(const mdev::Environment& env, const Arguments& arguments)
{
    const auto type = arguments.value("type");
    std::vector<std::string> ids;
    for (const auto& parent : mdev::ParentDevice::all(env.with_log({})))
        for (const auto& each : parent.types()) {
            ids.push_back(each.id());
            if (type && mdev::is_same_but_for_case(each.name(), *type))
                return "";
        }
    if (!type || std::find(ids.begin(), ids.end(), *type) != ids.end())
        return "";
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return "; no parent offers the type '" + *type + "'" +
        did_you_mean(*type, ids);
}

std::string advice_if_denied(const mdev::Error& error)
{
    const bool is_denied = error.cause() == std::errc::permission_denied ||
        error.cause() == std::errc::operation_not_permitted;
    return is_denied && geteuid() != 0 ? "; are you root?" : "";
}

/// The parents on which the device of the command is defined.
std::vector<std::string> parents_defining(
    const Arguments& arguments, const mdev::Environment& env)
{
    std::vector<std::string> parents;
    for (const auto& device : mdev::ListedDevice::defined(
             arguments.uuid(), {}, mdev::AskScripts::no, env.with_log({})))
        parents.push_back(device.definition().parent());
    return parents;
}

/// For a device that is not defined on the specified parent.
std::string advice_if_not_defined(
    const Arguments& arguments, const mdev::Environment& env)
{
    if (arguments.command().name != "start") {
        const auto parents = arguments.uuid() && arguments.has("parent")
            ? parents_defining(arguments, env)
            : std::vector<std::string>();
        return parents.empty() ? ""
                               : "; it is defined on " + mdev::joined(parents);
    }
    const auto parent = arguments.value("parent");
    if (!parent)
        return ". To start a transient device, specify --parent and --type";
    return parents_defining(arguments, env).empty()
        ? ". To start a transient device, specify --type; 'mdevctl types -p " +
            *parent + "' lists the types"
        : ". Omit --parent, or specify --type to start a transient device";
}

std::string advice(const mdev::Error& error, const Arguments& arguments,
    const mdev::Environment& env)
{
    if (const auto text = advice_if_denied(error); !text.empty())
        return text;
    if (error.code() == Errc::not_defined)
        return advice_if_not_defined(arguments, env);
    if (error.code() == Errc::already_defined &&
        arguments.command().name == "define")
        return "; use modify, or undefine first";
    // Several devices have several virtual machines.
    if (error.code() == Errc::in_use && !error.users().empty() &&
        !error.subject().starts_with("devices"))
        return "; stop its virtual machine first";
    if (error.code() == Errc::timed_out && !arguments.has("force") &&
        !arguments.has("live") &&
        error.subject().find("/callouts/") != std::string::npos)
        return " (MDEVCTL_SCRIPT_TIMEOUT); --force ignores it";
    if (error.code() == Errc::no_such_parent && parent_names(env).empty())
        return std::string(
                   std::string_view(error.what()).ends_with('?') ? "" : ".") +
            " Run 'mdevctl doctor' for details";
    return "";
}

}

void say_why_empty(
    const mdev::Environment& env, const Arguments& arguments, EmptyList list)
try {
    if (!is_person_reading() || arguments.has("json") ||
        arguments.has("dumpjson"))
        return;
    const auto names = parent_names(env);
    if (names.empty()) {
        print_message(
            "Hint", "There are no parent devices. 'mdevctl doctor' says why");
        return say_of_vendor_vfio(env);
    }
    if (const auto parent = arguments.value("parent");
        parent && !mdev::ParentDevice::find(*parent, env))
        return print_message("Hint",
            "No parent device is called '" + *parent + "'" +
                did_you_mean(*parent, names));
    if (list == EmptyList::types)
        return;
    const bool is_filtered = arguments.has("type") || arguments.has("state") ||
        arguments.has("auto") || arguments.has("parent") ||
        !arguments.uuids().empty();
    if (is_filtered)
        print_message("Hint", "No device matches" + meant_type(env, arguments));
    else if (arguments.has("defined") || arguments.has("all"))
        print_message("Hint",
            "No devices are active or defined. See 'mdevctl define --help'");
    else
        print_message("Hint",
            "No devices are active. 'mdevctl list --all' also lists "
            "definitions");
} catch (const mdev::Error&) {
    // An empty list is valid even if the reason is not known.
}

void warn_of_unknown_parent(const mdev::Environment& env,
    const std::string& parent, const std::string& consequence)
try {
    const bool is_known = mdev::ParentDevice::find(parent, env) ||
        !mdev::ListedDevice::defined(
            {}, parent, mdev::AskScripts::no, env.with_log({}))
             .empty();
    if (!is_known)
        env.log(mdev::LogLevel::warning,
            "Parent '" + parent + "' does not exist and has no definitions: " +
                consequence + did_you_mean(parent, parent_names(env)));
} catch (const mdev::Error&) {
    // The command itself reports it.
}

mdev::Error with_advice(const mdev::Error& error, const Arguments& arguments,
    const mdev::Environment& env)
try {
    const auto text = advice(error, arguments, env);
    if (text.empty())
        return error;
    return {error.code(), error.cause(), error.subject(),
        std::string(error.what()) + text};
} catch (const std::exception&) {
    return error;
}
