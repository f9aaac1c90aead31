// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "output.hpp"
#include "settings.hpp"

#include <mdev/device_status.hpp>
#include <mdev/error.hpp>

#include <cstdlib>

namespace {

void append_attributes(
    Output& output, const std::vector<mdev::Attribute>& attributes)
{
    for (const auto& [name, value] : attributes)
        output.line("  Attribute:    ", name + " = " + value);
}

void append_active(Output& output, const mdev::DeviceStatus& status)
{
    const auto& device = status.active();
    output.text(device ? "\nActive\n" : "\nNot active\n");
    if (!device)
        return;
    output.line("  Parent:       ", device->parent());
    output.line("  Type:         ", device->type_id());
    append_attributes(output, status.active_attributes());
    output.line("  Path:         ", device->path().string());
    output.line("  IOMMU group:  ", status.iommu_group());
    output.line("  Device file:  ", joined(status.device_files(), ", "));
    output.line("  Used by:      ", joined(status.users(), ", "));
}

void append_definitions(Output& output, const mdev::DeviceStatus& status)
{
    if (status.files().empty())
        output.text("\nNot defined\n");
    auto file = status.files().begin();
    for (const auto& definition : status.definitions()) {
        output.text("\nDefined\n");
        output.line("  Parent:       ", definition.parent());
        output.line("  Type:         ", definition.type_id());
        output.line("  Start:        ", word(definition.start()));
        append_attributes(output, definition.attributes());
        output.line("  File:         ", (file++)->string());
    }
    for (; file != status.files().end(); ++file)
        output.text("\nDefined by an invalid file\n")
            .line("  File:         ", file->string());
}

void append_type(Output& output, const mdev::MdevType& type)
{
    output.text("\n").line("Type ", type.id());
    output.line("  Name:         ", type.name());
    output.line("  Description:  ", type.description());
    output.line("  Device API:   ", type.device_api());
    output.line("  Available:    ", std::to_string(type.available_instances()));
}

}

int run_show(const mdev::Environment& env, const Arguments& arguments)
{
    const auto uuid = arguments.operand_uuid().string();
    const auto status =
        mdev::DeviceStatus::find(arguments.operand_uuid(), interruptible(env));
    if (!status)
        throw mdev::Error(mdev::Errc::not_defined, uuid,
            "Device " + uuid + " is neither active nor defined");
    Output output;
    if (arguments.has("json")) {
        output.json(status->to_json()).send();
        return EXIT_SUCCESS;
    }
    output.line("UUID:           ", uuid);
    output.line("Differs in:     ", joined(status->differences(), ", "));
    output.line("Script:         ", status->script().value_or("").string());
    append_active(output, *status);
    append_definitions(output, *status);
    if (status->type())
        append_type(output, *status->type());
    output.send();
    return EXIT_SUCCESS;
}
