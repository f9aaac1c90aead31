// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "columns.hpp"
#include "output.hpp"
#include "settings.hpp"

#include <mdev/listed_device.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace {

using Columns = std::vector<const Column*>;
using Device = mdev::ListedDevice;
using Devices = std::vector<Device>;

std::string yes_or_no(bool is)
{
    return is ? "yes" : "no";
}

std::string attributes(const Device& device)
{
    std::vector<std::string> texts;
    for (const auto& [name, value] : device.definition().attributes())
        texts.push_back(name + "=" + value);
    return joined(texts, ",");
}

const Column& find_column(const Command& command, std::string_view name)
{
    std::vector<std::string_view> names;
    for (const auto& column : all_columns()) {
        if (column.name == name)
            return column;
        names.push_back(column.name);
    }
    throw UsageError(&command,
        "'" + std::string(name) + "' is not a column; the columns are " +
            joined(names, ", "));
}

Columns chosen_columns(const Arguments& arguments)
{
    Columns columns;
    const auto names = arguments.value("output");
    for (std::size_t at = 0; names && at <= names->size();) {
        const auto end = std::min(names->find(',', at), names->size());
        columns.push_back(
            &find_column(arguments.command(), names->substr(at, end - at)));
        at = end + 1;
    }
    return columns;
}

/// Whether callout scripts are asked. Only its script knows the attributes of
/// an active device. Those of a definition are in its file; scripts are needed
/// where the two are compared.
bool asks(const Arguments& arguments, const Columns& columns)
{
    const bool is_active = !arguments.has("defined");
    return arguments.has("json") ||
        (is_active &&
            (arguments.has("dumpjson") || arguments.has("verbose"))) ||
        std::any_of(columns.begin(), columns.end(), [&](const Column* column) {
            return column->asks == Column::Asks::always ||
                (is_active && column->asks == Column::Asks::if_active);
        });
}

Devices listed(const mdev::Environment& env, const Arguments& arguments,
    const Columns& columns)
{
    const auto list =
        arguments.has("defined") ? Device::defined : Device::active;
    const auto uuid = arguments.uuid();
    const auto parent = arguments.value("parent");
    return asks(arguments, columns)
        ? list(uuid, parent, mdev::AskScripts::yes, interruptible(env))
        : list(uuid, parent, mdev::AskScripts::no, env);
}

std::string dump(const Devices& devices, bool single_is_bare)
{
    return single_is_bare && devices.size() == 1
        ? devices.front().definition().to_json()
        : mdev::to_json(devices, mdev::JsonFormat::compatible);
}

std::string upper_case(std::string_view text)
{
    std::string result(text);
    for (auto& letter : result)
        letter = static_cast<char>(std::toupper(letter));
    return result;
}

/// A line for each device, its values below each other; `-` for an empty value.
/// Names are always escaped: each must stay in its line.
void append_table(Output& output, const Columns& columns,
    const Devices& devices, bool has_heading)
{
    std::vector<std::vector<std::string>> rows;
    const auto add_row = [&](auto value_of) {
        auto& row = rows.emplace_back();
        for (const auto* column : columns)
            row.push_back(value_of(*column));
    };
    if (has_heading)
        add_row([](const Column& column) { return upper_case(column.name); });
    for (const auto& device : devices)
        add_row([&](const Column& column) {
            const auto value = escaped(column.value(device));
            return value.empty() ? "-" : value;
        });
    std::vector<std::size_t> widths(columns.size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    for (const auto& row : rows) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i)
            output.text(row[i]).text(
                std::string(widths[i] + 1 - row[i].size(), ' '));
        output.text(row.back()).text("\n");
    }
}

/// Each line ends in `{"NAME":"VALUE"}`. That is not JSON: programs that parse
/// mdevctl expect names and values as they are, whatever is in them.
void append_attributes(
    Output& output, const std::vector<mdev::Attribute>& attributes)
{
    if (!attributes.empty())
        output.text("  Attrs:\n");
    std::size_t index = 0;
    for (const auto& [name, value] : attributes)
        output.text("    @{" + std::to_string(index++) + "}: {\"")
            .untrusted(name)
            .text("\":\"")
            .untrusted(value)
            .text("\"}\n");
}

void append_lines(
    Output& output, const Devices& devices, const Arguments& arguments)
{
    const bool defined = arguments.has("defined");
    for (const auto& listed : devices) {
        const auto& device = listed.definition();
        output.text(device.uuid().string())
            .text(" ")
            .untrusted(device.parent())
            .text(" ")
            .untrusted(device.type_id())
            .text(" ")
            .text(word(device.start()));
        if (defined ? listed.is_active() : listed.is_defined())
            output.text(defined ? " (active)" : " (defined)");
        output.text("\n");
        if (arguments.has("verbose"))
            append_attributes(output, device.attributes());
    }
}

}

const std::vector<Column>& all_columns()
{
    static const std::vector<Column> columns = {
        {"uuid", "the UUID",
            [](const Device& device) {
                return device.definition().uuid().string();
            }},
        {"parent", "the parent device",
            [](const Device& device) { return device.definition().parent(); }},
        {"type", "the mdev type",
            [](const Device& device) { return device.definition().type_id(); }},
        {"start", "auto or manual",
            [](const Device& device) {
                return std::string(word(device.definition().start()));
            }},
        {"active", "whether it runs",
            [](const Device& device) { return yes_or_no(device.is_active()); }},
        {"defined", "whether it is defined",
            [](const Device& device) {
                return yes_or_no(device.is_defined());
            }},
        {"differs", "in what it runs otherwise than it is defined",
            [](const Device& device) {
                return joined(device.differences(), ",");
            },
            Column::Asks::always},
        {"attrs", "attributes", attributes, Column::Asks::if_active},
        {"path", "the active device's directory",
            [](const Device& device) { return device.path().string(); }},
        {"file", "the definition's file",
            [](const Device& device) { return device.file().string(); }},
    };
    return columns;
}

int run_list(const mdev::Environment& env, const Arguments& arguments)
{
    const auto columns = chosen_columns(arguments);
    const auto devices = listed(env, arguments, columns);
    Output output;
    if (arguments.has("dumpjson"))
        output.json(dump(devices, arguments.has("uuid")));
    else if (arguments.has("json"))
        output.json(mdev::to_json(devices, mdev::JsonFormat::flat));
    else if (!columns.empty())
        append_table(output, columns, devices, !arguments.has("noheadings"));
    else
        append_lines(output, devices, arguments);
    output.send();
    return EXIT_SUCCESS;
}
