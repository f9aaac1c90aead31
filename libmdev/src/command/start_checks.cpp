// SPDX-License-Identifier: LGPL-2.1-or-later
#include "start_checks.hpp"

#include "card.hpp"
#include "kernel_interface.hpp"
#include "resolve_names.hpp"
#include "text.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <cerrno>

namespace mdev {

namespace {

void check_not_active(
    const Definition& definition, const std::optional<Device>& device)
{
    if (!device)
        return;
    std::string message = "Device already exists";
    if (device->parent() != definition.parent())
        message =
            "Device exists under different parent '" + device->parent() + "'";
    else if (device->type_id() != definition.type_id())
        message =
            "Device exists with different type '" + device->type_id() + "'";
    throw Error(Errc::already_active, definition.uuid().string(), message);
}

/// Returns the name of the parent for which other tools use the word, or whose
/// name is similar. Returns nothing unless exactly one parent matches.
std::optional<std::string> meant_parent(const std::string& word,
    const std::vector<std::string>& names, const Environment& env)
try {
    if (const auto parent = ParentDevice::resolve(word, env))
        return parent->name();
    return suggestion(word, names);
} catch (const Error&) {
    return {};
}

/// Says what to choose instead of a card; empty if the parent is not a card
/// with virtual functions.
std::string functions_of(const std::string& card, const Environment& env)
{
    std::vector<std::string> names;
    for (const auto& function : parents_on_card(env, card))
        names.push_back(function.name());
    return names.empty()
        ? std::string()
        : "its virtual functions are the parents: " + joined(names);
}

[[noreturn]] void throw_no_parent(
    const std::string& parent, const Environment& env)
{
    std::vector<std::string> names;
    std::string message = "Unable to find parent device '" + parent + "'";
    // The message contains the warnings of ParentDevice::all().
    for (const auto& other : ParentDevice::all(env.with_log({})))
        names.push_back(other.name());
    const auto name = canonical_parent_name(parent);
    const auto card = empty_card_of(env, name);
    if (card)
        message += ": " + card->sentence();
    else if (const auto functions = functions_of(name, env); !functions.empty())
        message += "; " + functions;
    else if (const auto similar = meant_parent(parent, names, env))
        message += ". Did you mean '" + *similar + "'?";
    else if (names.empty())
        message += ": there are no parent devices; is the driver loaded?";
    else
        message += "; the parents are " + joined(names);
    throw Error(Errc::no_such_parent, parent, message);
}

[[noreturn]] void throw_no_type(const KernelInterface& kernel,
    const Environment& env, const std::string& parent, const std::string& type)
{
    std::vector<std::string> ids;
    std::string message =
        "Parent " + parent + " does not support mdev type " + type;
    for (const auto& other : kernel.types(env, parent))
        ids.push_back(other.id());
    std::sort(ids.begin(), ids.end());
    if (const auto similar = suggestion(type, ids))
        message += ". Did you mean '" + *similar + "'?";
    else if (ids.empty())
        message += "; it currently has no types";
    else
        message += "; available types are " + joined(ids);
    throw Error(Errc::no_such_type, type, message);
}

/// "; did you mean 'NAME'?", if a name is close to the word.
std::string perhaps(
    const std::string& word, const std::vector<std::string>& names)
{
    const auto found = suggestion(word, names);
    return found ? "; did you mean '" + *found + "'?" : "";
}

/// If the kernel knows other parents, the name may be misspelled; without any,
/// no driver is loaded yet.
void warn_of_unknown_parent(
    const Definition& definition, const Environment& env)
{
    if (const auto card = empty_card_of(env, definition.parent())) {
        env.log(LogLevel::warning,
            "Parent " + definition.parent() + " of device " +
                definition.uuid().string() +
                " does not exist: " + card->sentence());
        return;
    }
    if (const auto functions = functions_of(definition.parent(), env);
        !functions.empty()) {
        env.log(LogLevel::warning,
            "Device " + definition.uuid().string() + " cannot be started on " +
                definition.parent() + "; " + functions);
        return;
    }
    std::vector<std::string> names;
    for (const auto& other : ParentDevice::all(env.with_log({})))
        names.push_back(other.name());
    if (!names.empty())
        env.log(LogLevel::warning,
            "Parent " + definition.parent() + " of device " +
                definition.uuid().string() + " does not exist" +
                perhaps(definition.parent(), names));
}

}

MdevType require_type(const Definition& definition, const Environment& env)
{
    const auto& parent = definition.parent();
    const auto& id = definition.type_id();
    const auto* kernel = interface_of(env, parent);
    if (!kernel)
        throw_no_parent(parent, env);
    auto type = kernel->type_to_create(env, parent, id);
    if (!type)
        throw_no_type(*kernel, env, parent, id);
    return *type;
}

MdevType check_can_start(const Definition& definition,
    const std::optional<Device>& active, const Environment& env)
{
    check_not_active(definition, active);
    auto type = require_type(definition, env);
    if (type.available_instances() == 0)
        throw Access::impl(type).kernel->no_instance_error(type);
    return type;
}

bool is_not_possible_yet(const Definition& definition, const Environment& env)
try {
    const auto& parent = definition.parent();
    const auto* kernel = interface_of(env, parent);
    const auto type = kernel
        ? kernel->type_to_create(env, parent, definition.type_id())
        : std::nullopt;
    if (!type)
        return true;
    return kernel->is_in_removal(env, parent, definition.uuid()) ||
        (type->available_instances() == 0 &&
            is_transient(kernel->no_instance_error(*type)));
} catch (const Error&) {
    return true;
}

bool is_transient(const Error& error)
{
    const auto cause = error.cause().value();
    // The kernel refuses a UUID although it shows no device with this UUID: the
    // removal of the device waits for its last user, or another process is
    // creating it.
    const bool is_known_to_kernel = cause == EEXIST &&
        (error.code() == Errc::in_use || error.code() == Errc::already_active);
    return is_known_to_kernel || error.code() == Errc::no_such_parent ||
        error.code() == Errc::no_such_type || cause == EAGAIN ||
        cause == EBUSY || cause == ENODEV;
}

void warn_of_unknown_names(const Definition& definition, const Environment& env)
try {
    const auto parent = ParentDevice::find(definition.parent(), env);
    if (!parent)
        return warn_of_unknown_parent(definition, env);
    if (parent->type(definition.type_id()))
        return;
    std::vector<std::string> ids;
    for (const auto& type : parent->types())
        ids.push_back(type.id());
    env.log(LogLevel::warning,
        "Parent " + definition.parent() + " does not offer the type " +
            definition.type_id() + " of device " + definition.uuid().string() +
            " now" + perhaps(definition.type_id(), ids));
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
}

}
