// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>

#include <cstdlib>

namespace {

void add_attribute(mdev::Definition& definition, const Arguments& arguments)
{
    const auto name = *arguments.value("addattr");
    const auto value = *arguments.value("value");
    if (const auto index = arguments.index())
        definition.insert_attribute(*index, name, value);
    else
        definition.append_attribute(name, value);
}

void delete_attribute(mdev::Definition& definition, const Arguments& arguments)
{
    const auto count = definition.attributes().size();
    definition.erase_attribute(
        arguments.index().value_or(count == 0 ? 0 : count - 1));
}

void edit(mdev::Definition& definition, const Arguments& arguments)
{
    if (const auto type = arguments.value("type"))
        definition.set_type_id(*type);
    if (arguments.has("auto"))
        definition.set_start(mdev::StartMode::automatic);
    if (arguments.has("manual"))
        definition.set_start(mdev::StartMode::manual);
    if (arguments.has("addattr"))
        add_attribute(definition, arguments);
    if (arguments.has("delattr"))
        delete_attribute(definition, arguments);
}

/// For a live change the parent may be left out: it is the active device's.
std::string parent_of(const mdev::Environment& env, const Arguments& arguments)
{
    if (const auto parent = arguments.value("parent"))
        return *parent;
    const auto uuid = arguments.needed_uuid();
    if (const auto device = mdev::Device::find(uuid, env))
        return device->parent();
    throw mdev::Error(mdev::Errc::not_active, uuid.string(),
        "Cannot modify device " + uuid.string() +
            " live: Device is not active");
}

void modify_from_file(const mdev::Manager& manager,
    const mdev::Environment& env, const Arguments& arguments)
{
    const auto definition =
        mdev::Definition::from_file(*arguments.value("jsonfile"),
            arguments.needed_uuid(), parent_of(env, arguments));
    if (arguments.has("live"))
        manager.modify_live(definition,
            arguments.has("defined") ? mdev::LiveScope::device_and_definition
                                     : mdev::LiveScope::device);
    else
        manager.modify(definition);
}

}

int run_modify(const mdev::Environment& env, const Arguments& arguments)
{
    arguments.index(); // a bad one is refused before anything is done
    const Report report(arguments, Report::Words::only_if_dry);
    const auto manager = report.manager(env);
    if (arguments.has("jsonfile"))
        modify_from_file(manager, env, arguments);
    else
        manager.modify(arguments.needed_uuid(), arguments.value("parent"),
            [&](mdev::Definition& definition) { edit(definition, arguments); });
    report.finish();
    return EXIT_SUCCESS;
}
