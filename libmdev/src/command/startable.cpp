// SPDX-License-Identifier: LGPL-2.1-or-later
#include "startable.hpp"

#include "name.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <strings.h>

namespace mdev {

namespace {

void check_not_active(const Definition& definition, const Environment& env)
{
    const auto device = Device::find(definition.uuid(), env);
    if (!device)
        return;
    std::string message = "Device already exists";
    if (device->parent() != definition.parent())
        message =
            "Device exists under different parent '" + device->parent() + "'";
    else if (device->type() != definition.type())
        message = "Device exists with different type '" + device->type() + "'";
    throw Error(Errc::already_active, definition.uuid().string(), message);
}

[[noreturn]] void throw_no_parent(
    const std::string& parent, const Environment& env)
{
    std::vector<std::string> names;
    std::string message = "Unable to find parent device '" + parent + "'";
    for (const auto& other : ParentDevice::all(env))
        names.push_back(other.name());
    const auto similar =
        std::find_if(names.begin(), names.end(), [&](const auto& name) {
            return strcasecmp(name.c_str(), parent.c_str()) == 0;
        });
    if (similar != names.end())
        message += ". Did you mean '" + *similar + "'?";
    else if (names.empty())
        message += ": the kernel knows no parent devices, is the driver "
                   "loaded?";
    else
        message += "; the parents are " + choices(names);
    throw Error(Errc::no_such_parent, parent, message);
}

[[noreturn]] void throw_no_type(
    const ParentDevice& parent, const std::string& type)
{
    std::vector<std::string> ids;
    for (const auto& other : parent.types())
        ids.push_back(other.id());
    throw Error(Errc::no_such_type, type,
        "Parent " + parent.name() + " does not support mdev type " + type +
            (ids.empty() ? "; it has no types now"
                         : "; available types are " + choices(ids)));
}

}

MdevType offered_type(const Definition& definition, const Environment& env)
{
    const auto parent = ParentDevice::find(definition.parent(), env);
    if (!parent)
        throw_no_parent(definition.parent(), env);
    auto type = parent->type(definition.type());
    if (!type)
        throw_no_type(*parent, definition.type());
    return *type;
}

MdevType check_startable(const Definition& definition, const Environment& env)
{
    check_not_active(definition, env);
    auto type = offered_type(definition, env);
    if (type.available_instances() == 0)
        throw Error(Errc::no_instance_left, definition.parent(),
            "No available instances of " + definition.type() + " on " +
                definition.parent());
    return type;
}

}
