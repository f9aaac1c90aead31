// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "output.hpp"
#include "report.hpp"
#include "screen.hpp"
#include "settings.hpp"

#include <mdev/config_store.hpp>
#include <mdev/device_status.hpp>
#include <mdev/error.hpp>

#include <cstdlib>
#include <unistd.h>

namespace {

void append_attribute_lines(
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
    append_attribute_lines(output, status.active_attributes());
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
        append_attribute_lines(output, definition.attributes());
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

/// The fault of the definition of a device that cannot be shown.
[[noreturn]] void throw_unknown(
    const mdev::Uuid& uuid, const mdev::Environment& env)
{
    const auto text = uuid.string();
    try {
        for (const auto& parent : mdev::ConfigStore(env).parents_of(uuid))
            mdev::ConfigStore(env).find(uuid, parent);
    } catch (const mdev::Error& error) {
        if (error.code() != mdev::Errc::invalid_definition)
            throw mdev::Error(error.code(), error.cause(), error.subject(),
                "Cannot show " + text + ": " + error.what());
        auto why = std::string_view(error.what());
        if (const auto at = why.find(error.subject() + ": "); at != why.npos)
            why.remove_prefix(at + error.subject().size() + 2);
        throw mdev::Error(error.code(), error.cause(), error.subject(),
            "Cannot show " + text + ": its definition " + error.subject() +
                " is invalid: " + std::string(why));
    }
    throw mdev::Error(mdev::Errc::not_defined, text,
        "Device " + text + " is neither active nor defined");
}

void append(Output& output, const mdev::DeviceStatus& status,
    const Arguments& arguments)
{
    const auto screen = screen_of(STDOUT_FILENO, arguments.color());
    output.line("UUID:           ", status.uuid().string());
    // Like in mdevctl 1.x, the framework of mediated devices is not printed.
    if (status.framework() == mdev::Framework::vendor_vfio)
        output.line("Framework:      ", mdev::word(*status.framework()));
    if (!status.differences().empty())
        output.text("Differs in:     ")
            .text(
                screen.painted(Ink::notice, joined(status.differences(), ", ")))
            .text("\n");
    output.line("Script:         ", status.script().value_or("").string());
    append_active(output, status);
    append_definitions(output, status);
    if (status.type())
        append_type(output, *status.type());
}

mdev::DeviceStatus status_of(
    const mdev::Uuid& uuid, const mdev::Environment& env)
{
    // The error of a definition that cannot be read says what a warning says as
    // well.
    std::vector<std::pair<mdev::LogLevel, std::string>> messages;
    auto status = mdev::DeviceStatus::find(
        uuid, interruptible(env.with_log([&](auto level, auto message) {
            messages.emplace_back(level, message);
        })));
    if (!status)
        throw_unknown(uuid, env);
    for (const auto& [level, message] : messages)
        env.log(level, message);
    return *std::move(status);
}

}

int run_show(const mdev::Environment& env, const Arguments& arguments)
{
    const auto uuids = arguments.uuids();
    std::vector<mdev::Error> errors;
    bool is_first = true;
    for (const auto& uuid : uuids)
        try {
            const auto status = status_of(uuid, env);
            Output output;
            if (arguments.has("json"))
                output.json(status.to_json());
            else
                append(output.text(is_first ? "" : "\n\n"), status, arguments);
            output.send();
            is_first = false;
        } catch (const mdev::Error& error) {
            if (uuids.size() == 1 || error.code() == mdev::Errc::cancelled ||
                error.subject() == "stdout")
                throw;
            errors.push_back(error);
            env.log(mdev::LogLevel::error, error.what());
        }
    check_errors(errors, uuids.size(), "shown");
    return EXIT_SUCCESS;
}
