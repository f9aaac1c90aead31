// SPDX-License-Identifier: LGPL-2.1-or-later
#include "columns.hpp"

#include "output.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <cctype>
#include <functional>
#include <unistd.h>

namespace {

std::string yes_or_no(bool is)
{
    return is ? "yes" : "no";
}

std::string attributes(const mdev::ListedDevice& device)
{
    std::vector<std::string> texts;
    for (const auto& [name, value] : device.definition().attributes())
        texts.push_back(name + "=" + value);
    return joined(texts, ",");
}

/// The data of the device's type; nothing if the parent does not offer the
/// type.
std::optional<mdev::MdevType> type_of(const DeviceRow& row)
try {
    const auto parent = row.device()
        ? mdev::ParentDevice::find(row.parent(), row.env)
        : std::nullopt;
    return parent ? parent->type(row.device()->definition().type_id())
                  : std::nullopt;
} catch (const mdev::Error&) {
    return {};
}

/// The data of a device whose definition is not broken.
template <class Tell> std::string told_of(const DeviceRow& row, Tell tell)
{
    return row.device() ? std::string(tell(*row.device())) : std::string();
}

/// The data of the active device; nothing if it is not active.
template <class Ask> std::string said_by(const DeviceRow& row, Ask ask)
try {
    const auto device = row.device() && row.device()->is_active()
        ? mdev::Device::find(row.uuid(), row.env)
        : std::nullopt;
    return device ? ask(*device) : std::string();
} catch (const mdev::Error&) {
    return {};
}

std::string users_of(const mdev::Device& device)
{
    std::vector<std::string> texts;
    for (const auto& user : device.users())
        texts.push_back(
            user.command() + " (" + std::to_string(user.pid()) + ")");
    return joined(texts, ",");
}

std::string files_of(const mdev::Device& device)
{
    return joined(device.device_files(), ",");
}

std::string upper_case(std::string_view text)
{
    std::string result(text);
    for (auto& letter : result)
        letter = static_cast<char>(std::toupper(letter));
    return result;
}

std::string lower_case(std::string_view text)
{
    std::string result(text);
    for (auto& letter : result)
        letter =
            static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return result;
}

std::vector<std::string> words_in(std::string_view list)
{
    std::vector<std::string> words;
    for (std::size_t at = 0; at <= list.size();) {
        const auto end = std::min(list.find(',', at), list.size());
        words.emplace_back(list.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

}

template <class Row>
const Column<Row>& find_column(const Arguments& arguments,
    const std::vector<Column<Row>>& all, std::string_view name)
{
    std::vector<std::string> names;
    for (const auto& column : all) {
        if (column.name == lower_case(name))
            return column;
        names.emplace_back(column.name);
    }
    const auto meant = did_you_mean(lower_case(name), names);
    arguments.refuse("'" + std::string(name) + "' is not a column" +
        (meant.empty() ? "; the columns are " + joined(names, ", ") : meant));
}

template <class Row>
std::vector<const Column<Row>*> chosen_columns(const Arguments& arguments,
    const std::vector<Column<Row>>& all,
    const std::vector<std::string_view>& usual)
{
    std::vector<const Column<Row>*> columns;
    const auto add = [&](std::string_view name) {
        const auto* column = &find_column(arguments, all, name);
        if (std::find(columns.begin(), columns.end(), column) == columns.end())
            columns.push_back(column);
    };
    auto list = arguments.value("output").value_or("+");
    const bool is_further = list.starts_with('+');
    if (is_further)
        for (const auto name : usual)
            add(name);
    list.erase(0, is_further ? 1 : 0);
    if (is_further && list.empty())
        return columns;
    for (const auto& name : words_in(list)) {
        // A column that is named twice is shown twice, as before there were +
        // and all.
        if (lower_case(name) == "all")
            for (const auto& column : all)
                add(column.name);
        else if (is_further)
            add(name);
        else
            columns.push_back(&find_column(arguments, all, name));
    }
    return columns;
}

template <class Row>
std::string table_of(const std::vector<Row>& rows,
    const std::vector<const Column<Row>*>& columns, const Arguments& arguments,
    Ink (*ink)(std::string_view column, const std::string& value))
{
    std::vector<Table::Heading> headings;
    for (const auto* column : columns)
        headings.push_back({upper_case(column->name), column->fit});
    Table table(std::move(headings));
    for (const auto& row : rows) {
        std::vector<Table::Cell> cells;
        for (const auto* column : columns) {
            auto value = column->value(row);
            const auto color = ink(column->name, value);
            cells.push_back({std::move(value), color});
        }
        table.add(std::move(cells));
    }
    // Requested columns are not shortened.
    const auto padding = arguments.has("raw") ? Table::Padding::none
        : arguments.has("output")             ? Table::Padding::aligned
                                              : Table::Padding::fitted;
    return table.text(screen_of(STDOUT_FILENO, arguments.color()),
        !arguments.has("noheadings"), padding);
}

template <class Row>
std::string json_of(const std::vector<Row>& rows,
    const std::vector<const Column<Row>*>& columns, std::string_view name)
{
    std::string text = "{\n  \"version\": 1,\n  " + json_string(name) + ": [";
    std::string_view before_row = "\n";
    for (const auto& row : rows) {
        text.append(before_row).append("    {");
        std::string_view before = "\n";
        for (const auto* column : columns) {
            const auto value = column->value(row);
            text.append(before).append("      ");
            text.append(json_string(column->name)).append(": ");
            text += value.empty() ? "null" : json_string(value);
            before = ",\n";
        }
        text += "\n    }";
        before_row = ",\n";
    }
    return text + (rows.empty() ? "]\n}" : "\n  ]\n}");
}

const mdev::Uuid& DeviceRow::uuid() const
{
    return device() ? device()->definition().uuid()
                    : std::get<Broken>(contents).uuid;
}

const std::string& DeviceRow::parent() const
{
    return device() ? device()->definition().parent()
                    : std::get<Broken>(contents).parent;
}

const std::vector<Column<DeviceRow>>& device_columns()
{
    using enum Column<DeviceRow>::Asks;
    using enum Table::Fit;
    using mdev::ListedDevice;
    static const std::vector<Column<DeviceRow>> columns = {
        {"uuid", "the UUID",
            [](const DeviceRow& row) { return row.uuid().string(); }, whole},
        {"parent", "the parent device",
            [](const DeviceRow& row) { return row.parent(); }},
        {"type", "the mdev type",
            [](const DeviceRow& row) {
                return told_of(row, [](const ListedDevice& device) {
                    return device.definition().type_id();
                });
            }},
        {"start", "auto or manual",
            [](const DeviceRow& row) {
                return told_of(row, [](const ListedDevice& device) {
                    return word(device.definition().start());
                });
            },
            whole},
        {"active", "whether the device is active",
            [](const DeviceRow& row) {
                return yes_or_no(row.device() && row.device()->is_active());
            },
            whole},
        {"defined", "whether the device is defined",
            [](const DeviceRow& row) {
                return yes_or_no(!row.device() || row.device()->is_defined());
            },
            whole},
        {"differs", "what differs from the definition",
            [](const DeviceRow& row) {
                return told_of(row, [](const ListedDevice& device) {
                    return joined(device.differences(), ",");
                });
            },
            shortened, always},
        {"attrs", "attributes",
            [](const DeviceRow& row) { return told_of(row, attributes); },
            shortened, if_active},
        {"path", "the active device's directory",
            [](const DeviceRow& row) {
                return told_of(row, [](const ListedDevice& device) {
                    return device.path().string();
                });
            }},
        {"file", "the definition's file",
            [](const DeviceRow& row) {
                return (row.device()
                        ? row.device()->file()
                        : std::get<DeviceRow::Broken>(row.contents).file)
                    .string();
            }},
        {"state", "active, defined, active+defined, differs, failed or broken",
            state_of, whole},
        {"autostart", "whether the device starts automatically",
            [](const DeviceRow& row) {
                return told_of(row, [](const ListedDevice& device) {
                    return yes_or_no(device.definition().start() ==
                        mdev::StartMode::automatic);
                });
            },
            whole},
        {"name", "the driver's name of the type",
            [](const DeviceRow& row) {
                const auto type = type_of(row);
                return type ? type->name() : "";
            },
            optional},
        {"description", "the driver's description of the type",
            [](const DeviceRow& row) {
                const auto type = type_of(row);
                return type ? type->description() : "";
            },
            optional},
        {"iommu-group", "the number of the IOMMU group",
            [](const DeviceRow& row) {
                return said_by(row, std::mem_fn(&mdev::Device::iommu_group));
            }},
        {"users", "the processes that have the device open",
            [](const DeviceRow& row) { return said_by(row, users_of); }},
        {"vfio", "the VFIO device files",
            [](const DeviceRow& row) { return said_by(row, files_of); }},
        {"framework", "the framework of the parent: mdev or vendor-vfio",
            [](const DeviceRow& row) {
                const auto framework =
                    row.device() ? row.device()->framework() : std::nullopt;
                return std::string(framework ? mdev::word(*framework) : "");
            }},
    };
    return columns;
}

const std::vector<Column<TypeRow>>& type_columns()
{
    using enum Table::Fit;
    static const std::vector<Column<TypeRow>> columns = {
        {"parent", "the parent device",
            [](const TypeRow& row) { return row.parent; }},
        {"type", "the mdev type",
            [](const TypeRow& row) { return row.type.id(); }},
        {"available", "the number of available instances",
            [](const TypeRow& row) {
                return std::to_string(row.type.available_instances());
            },
            whole},
        {"api", "the device API",
            [](const TypeRow& row) { return row.type.device_api(); }},
        {"name", "the driver's name",
            [](const TypeRow& row) { return row.type.name(); }, optional},
        {"description", "the driver's description",
            [](const TypeRow& row) { return row.type.description(); },
            optional},
        {"framework", "the framework of the parent: mdev or vendor-vfio",
            [](const TypeRow& row) {
                return std::string(mdev::word(row.framework));
            }},
    };
    return columns;
}

std::vector<std::string> device_states()
{
    return {
        "active", "defined", "active+defined", "differs", "failed", "broken"};
}

std::string state_of(const DeviceRow& row)
{
    if (!row.device())
        return "broken";
    const auto& device = *row.device();
    if (row.has_failed)
        return "failed";
    if (!device.differences().empty())
        return "differs";
    if (device.is_active())
        return device.is_defined() ? "active+defined" : "active";
    return "defined";
}

#define INSTANTIATE(Row)                                                       \
    template std::vector<const Column<Row>*> chosen_columns(const Arguments&,  \
        const std::vector<Column<Row>>&,                                       \
        const std::vector<std::string_view>&);                                 \
    template const Column<Row>& find_column(                                   \
        const Arguments&, const std::vector<Column<Row>>&, std::string_view);  \
    template std::string table_of(const std::vector<Row>&,                     \
        const std::vector<const Column<Row>*>&, const Arguments&,              \
        Ink (*)(std::string_view, const std::string&));                        \
    template std::string json_of(const std::vector<Row>&,                      \
        const std::vector<const Column<Row>*>&, std::string_view);
INSTANTIATE(DeviceRow)
INSTANTIATE(TypeRow)
#undef INSTANTIATE
