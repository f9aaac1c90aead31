// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <mdev/device_status.hpp>
#include <mdev/error.hpp>

#include <cstdlib>

namespace {

void append(Output& output, std::string_view label, const std::string& value)
{
    if (value.empty())
        return;
    constexpr std::size_t column = 15;
    output.text(label).text(":").text(std::string(column - label.size(), ' '));
    output.untrusted(value).text("\n");
}

template <class Values> std::string joined(const Values& values)
{
    std::string text;
    for (const auto& value : values)
        text.append(text.empty() ? "" : ", ").append(value);
    return text;
}

void append(Output& output, std::string_view label,
    const std::vector<mdev::Attribute>& attributes)
{
    for (const auto& [name, value] : attributes)
        append(output, label, name + " = " + value);
}

void append_active(Output& output, const mdev::DeviceStatus& status)
{
    const auto& device = status.active();
    output.text(device ? "\nActive\n" : "\nNot active\n");
    if (!device)
        return;
    append(output, "  Parent", device->parent());
    append(output, "  Type", device->type_id());
    append(output, "  Attribute", status.active_attributes());
    append(output, "  Path", device->path().string());
    append(output, "  IOMMU group", status.iommu_group());
    append(output, "  Device file", joined(status.device_files()));
    append(output, "  Used by", joined(status.users()));
}

void append_definitions(Output& output, const mdev::DeviceStatus& status)
{
    if (status.definitions().empty())
        output.text("\nNot defined\n");
    for (std::size_t i = 0; i < status.definitions().size(); ++i) {
        const auto& definition = status.definitions()[i];
        output.text("\nDefined\n");
        append(output, "  Parent", definition.parent());
        append(output, "  Type", definition.type_id());
        append(output, "  Start", word(definition.start()));
        append(output, "  Attribute", definition.attributes());
        append(output, "  File", status.files()[i].string());
    }
}

void append_type(Output& output, const mdev::DeviceStatus& status)
{
    if (!status.type())
        return;
    const auto& type = *status.type();
    output.text("\nType ").untrusted(type.id()).text("\n");
    append(output, "  Name", type.name());
    append(output, "  Description", type.description());
    append(output, "  Device API", type.device_api());
    append(output, "  Available", std::to_string(type.available_instances()));
}

}

int run_show(const mdev::Environment& env, const Arguments& arguments)
{
    const auto uuid = arguments.operand_uuid();
    const auto status = mdev::DeviceStatus::find(uuid, interruptible(env));
    if (!status)
        throw mdev::Error(mdev::Errc::not_defined, uuid.string(),
            "Device " + uuid.string() + " is neither active nor defined");
    Output output;
    if (arguments.has("json")) {
        output.text(status->to_json()).text("\n").send();
        return EXIT_SUCCESS;
    }
    append(output, "UUID", uuid.string());
    append(output, "Differs in", joined(status->differences()));
    if (status->script())
        append(output, "Script", status->script()->string());
    append_active(output, *status);
    append_definitions(output, *status);
    append_type(output, *status);
    output.send();
    return EXIT_SUCCESS;
}
