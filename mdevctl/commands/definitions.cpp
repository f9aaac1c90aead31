// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>

namespace {

void edit(mdev::Definition& definition, const Arguments& arguments)
{
    const auto count = definition.attributes().size();
    if (const auto type = arguments.type_id(definition.parent()))
        definition.set_type_id(*type);
    if (arguments.has("auto"))
        definition.set_start(mdev::StartMode::automatic);
    if (arguments.has("manual"))
        definition.set_start(mdev::StartMode::manual);
    if (const auto name = arguments.value("addattr"))
        definition.insert_attribute(arguments.index().value_or(count), *name,
            *arguments.value("value"));
    // As mdevctl 1.x: without an index there need not be an attribute.
    if (arguments.has("delattr") && (count > 0 || arguments.index()))
        definition.erase_attribute(arguments.index().value_or(count - 1));
}

/// The parent of the definition in a file. With --live the option is not
/// required, because an active device has one parent. The library looks again,
/// under the store's lock, because the device may be another one by then.
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

}

int run_define(const mdev::Environment& env, const Arguments& arguments)
{
    Report report(env, arguments);
    if (arguments.has("jsonfile")) {
        const auto definition = arguments.definition();
        report.manager().define(definition);
        return report.finish(definition.uuid(), "defined");
    }
    return report.finish(
        report.manager().define(arguments.spec()).uuid(), "defined");
}

int run_undefine(const mdev::Environment& env, const Arguments& arguments)
{
    Report report(env, arguments);
    report.manager().undefine(
        arguments.needed_uuid(), arguments.value("parent"));
    return report.finish();
}

int run_modify(const mdev::Environment& env, const Arguments& arguments)
{
    arguments.index(); // refuses an invalid one before scripts are called
    Report report(env, arguments);
    if (!arguments.has("jsonfile")) {
        report.manager().modify(arguments.needed_uuid(),
            arguments.value("parent"),
            [&](mdev::Definition& definition) { edit(definition, arguments); });
        return report.finish();
    }
    const auto definition =
        mdev::Definition::from_file(*arguments.value("jsonfile"),
            arguments.needed_uuid(), parent_of(env, arguments));
    if (arguments.has("live"))
        report.manager().modify_live(definition,
            arguments.has("defined") ? mdev::LiveScope::device_and_definition
                                     : mdev::LiveScope::device);
    else
        report.manager().modify(definition);
    return report.finish();
}
