// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "arguments.hpp"
#include "table.hpp"

#include <mdev/environment.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/mdev_type.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// A line of a list of devices.
struct DeviceRow {
    /// Of a definition that cannot be read, the names of its file and directory
    /// are all that is known.
    struct Broken {
        mdev::Uuid uuid;
        std::string parent;
        std::filesystem::path file;
    };

    std::variant<mdev::ListedDevice, Broken> contents;
    mdev::Environment env;
    bool has_failed = false; ///< its start did not end

    /// Null if the definition is broken.
    const mdev::ListedDevice* device() const
    {
        return std::get_if<mdev::ListedDevice>(&contents);
    }
    const mdev::Uuid& uuid() const;
    const std::string& parent() const;
};

/// A line of a list of types.
struct TypeRow {
    std::string parent;
    mdev::MdevType type;
    mdev::Framework framework;
};

/// What a list can show of each line.
template <class Row> struct Column {
    std::string_view name;
    std::string_view meaning;
    std::string (*value)(const Row&);
    Table::Fit fit = Table::Fit::shortened;
    /// Which lists have to ask callout scripts to know the value.
    enum class Asks { never, if_active, always } asks = Asks::never;
};

/// Returns the columns in the order of the manual.
const std::vector<Column<DeviceRow>>& device_columns();
const std::vector<Column<TypeRow>>& type_columns();

/// The states of a device, and the word for that of a row.
std::vector<std::string> device_states();
std::string state_of(const DeviceRow& row);

/// Returns the columns that `--output` names, in any letter case: separated by
/// commas; `all` for every one, and behind a `+` in addition to `usual`, which
/// also are those without the option. Throws UsageError.
template <class Row>
std::vector<const Column<Row>*> chosen_columns(const Arguments& arguments,
    const std::vector<Column<Row>>& all,
    const std::vector<std::string_view>& usual);
/// Returns the column of that name; throws UsageError.
template <class Row>
const Column<Row>& find_column(const Arguments& arguments,
    const std::vector<Column<Row>>& all, std::string_view name);

/// Returns the rows as a table, or as JSON: an object with `version` and an
/// array `name` of objects with a member for each column, a string or null.
template <class Row>
std::string table_of(const std::vector<Row>& rows,
    const std::vector<const Column<Row>*>& columns, const Arguments& arguments,
    Ink (*ink)(std::string_view column, const std::string& value));
template <class Row>
std::string json_of(const std::vector<Row>& rows,
    const std::vector<const Column<Row>*>& columns, std::string_view name);
