// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"

#include <mdev/manager.hpp>

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
        definition.set_type(*type);
    if (arguments.has("auto"))
        definition.set_start(mdev::StartMode::automatic);
    if (arguments.has("manual"))
        definition.set_start(mdev::StartMode::manual);
    if (arguments.has("addattr"))
        add_attribute(definition, arguments);
    if (arguments.has("delattr"))
        delete_attribute(definition, arguments);
}

}

int run_modify(const mdev::Environment& env, const Arguments& arguments)
{
    const mdev::Manager manager(env);
    const auto uuid = arguments.needed_uuid();
    const auto parent = arguments.value("parent");
    arguments.index(); // a bad one is refused before anything is done
    if (const auto file = arguments.value("jsonfile"))
        manager.modify(mdev::Definition::from_file(*file, uuid, *parent),
            arguments.force());
    else
        manager.modify(
            uuid, parent,
            [&](mdev::Definition& definition) { edit(definition, arguments); },
            arguments.force());
    return EXIT_SUCCESS;
}
