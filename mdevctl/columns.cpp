// SPDX-License-Identifier: LGPL-2.1-or-later
#include "columns.hpp"

#include "arguments.hpp"

#include <algorithm>
#include <cctype>

namespace {

using Device = mdev::ListedDevice;

std::string yes_or_no(bool is)
{
    return is ? "yes" : "no";
}

std::string attributes(const Device& device)
{
    std::string text;
    for (const auto& [name, value] : device.definition().attributes())
        text.append(text.empty() ? "" : ",").append(name + "=" + value);
    return text;
}

std::string differences(const Device& device)
{
    std::string text;
    for (const auto& difference : device.differences())
        text.append(text.empty() ? "" : ",").append(difference);
    return text;
}

std::string heading(std::string_view name)
{
    std::string text(name);
    std::transform(text.begin(), text.end(), text.begin(),
        [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

const Column& column(const Command& command, std::string_view name)
{
    const auto& all = all_columns();
    const auto found = std::find_if(all.begin(), all.end(),
        [&](const Column& column) { return column.name == name; });
    if (found != all.end())
        return *found;
    std::string names;
    for (const auto& column : all)
        names.append(names.empty() ? "" : ", ").append(column.name);
    throw UsageError(&command,
        "'" + std::string(name) + "' is not a column; the columns are " +
            names);
}

}

const std::vector<Column>& all_columns()
{
    static const std::vector<Column> columns = {
        {"uuid", "the UUID", false,
            [](const Device& device) {
                return device.definition().uuid().string();
            }},
        {"parent", "the parent device", false,
            [](const Device& device) { return device.definition().parent(); }},
        {"type", "the mdev type", false,
            [](const Device& device) { return device.definition().type_id(); }},
        {"start", "auto or manual", false,
            [](const Device& device) {
                return std::string(word(device.definition().start()));
            }},
        {"active", "whether it runs", false,
            [](const Device& device) { return yes_or_no(device.is_active()); }},
        {"defined", "whether it is defined", false,
            [](const Device& device) {
                return yes_or_no(device.is_defined());
            }},
        {"differs", "in what it runs otherwise than it is defined", true,
            differences},
        {"attrs", "attributes", true, attributes},
        {"path", "the active device's directory", false,
            [](const Device& device) { return device.path().string(); }},
        {"file", "the definition's file", false,
            [](const Device& device) { return device.file().string(); }},
    };
    return columns;
}

std::vector<const Column*> chosen_columns(const Arguments& arguments)
{
    const auto list = arguments.value("output");
    if (!list)
        return {};
    std::vector<const Column*> columns;
    for (std::size_t at = 0; at <= list->size();) {
        const auto end = std::min(list->find(',', at), list->size());
        columns.push_back(&column(
            arguments.command(), std::string_view(*list).substr(at, end - at)));
        at = end + 1;
    }
    return columns;
}

void append_table(Output& output, const std::vector<const Column*>& columns,
    const std::vector<mdev::ListedDevice>& devices, bool has_heading)
{
    std::vector<std::vector<std::string>> rows;
    rows.reserve(devices.size() + 1);
    if (has_heading) {
        auto& row = rows.emplace_back();
        for (const auto* column : columns)
            row.push_back(heading(column->name));
    }
    for (const auto& device : devices) {
        auto& row = rows.emplace_back();
        for (const auto* column : columns) {
            const auto value = escaped(column->value(device));
            row.push_back(value.empty() ? "-" : value);
        }
    }
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
