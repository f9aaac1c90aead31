// SPDX-License-Identifier: LGPL-2.1-or-later
#include "columns.hpp"
#include "device_tree.hpp"
#include "events.hpp"
#include "hints.hpp"
#include "interruption.hpp"
#include "output.hpp"
#include "settings.hpp"
#include "text.hpp"

#include <mdev/diagnosis.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/monitor.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <set>
#include <tuple>
#include <unistd.h>

namespace {

using mdev::AskScripts;
using mdev::ListedDevice;
using Columns = std::vector<const Column<DeviceRow>*>;
using Rows = std::vector<DeviceRow>;

/// How the list is printed.
enum class Form { lines, dumpjson, json, table, tree };

Form form_of(const Arguments& arguments)
{
    if (arguments.has("dumpjson"))
        return Form::dumpjson;
    if (arguments.has("json"))
        return Form::json;
    if (arguments.has("tree"))
        return Form::tree;
    // Programs read what mdevctl 1.x prints, also for attributes.
    const bool is_table = arguments.has("output") ||
        arguments.has("noheadings") || arguments.has("raw") ||
        isatty(STDOUT_FILENO) == 1;
    return is_table && !arguments.has("verbose") ? Form::table : Form::lines;
}

/// Whether callout scripts are asked. Only its script knows the attributes of
/// an active device. Those of a definition are in its file; scripts are needed
/// where the two are compared.
AskScripts asks(const Arguments& arguments, const Columns& columns)
{
    using Asks = Column<DeviceRow>::Asks;
    const bool is_active = !arguments.has("defined");
    const bool is_asked = arguments.has("json") || arguments.has("all") ||
        (is_active &&
            (arguments.has("dumpjson") || arguments.has("verbose"))) ||
        std::any_of(columns.begin(), columns.end(), [&](const auto* column) {
            return column->asks == Asks::always ||
                (is_active && column->asks == Asks::if_active);
        });
    return is_asked ? AskScripts::yes : AskScripts::no;
}

/// The faults of devices that a list does not contain.
struct Faults {
    std::set<std::string> failed; ///< UUIDs of those whose start did not end
    std::vector<DeviceRow::Broken> broken;
};

Faults faults_of(const mdev::Environment& env)
{
    Faults faults;
    for (const auto& finding : mdev::diagnose(env)) {
        if (finding.id() == "start-unfinished")
            faults.failed.insert(finding.subject());
        if (finding.id() != "definition-broken")
            continue;
        const std::filesystem::path file = finding.subject();
        if (const auto uuid = mdev::Uuid::parse(file.filename().string()))
            faults.broken.push_back(
                {*uuid, file.parent_path().filename().string(), file});
    }
    return faults;
}

std::vector<ListedDevice> active_and_defined(
    const std::optional<mdev::Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const mdev::Environment& env)
{
    std::vector<ListedDevice> devices;
    try {
        devices = ListedDevice::active(uuid, parent, ask, env);
    } catch (const mdev::Error& error) {
        // The definitions are known without the kernel's devices. Their list
        // warns of what cannot be read.
        if (error.code().category() != std::system_category())
            throw;
    }
    std::set<std::pair<std::string, mdev::Uuid>> seen;
    const auto key = [](const ListedDevice& device) {
        return std::pair(
            device.definition().parent(), device.definition().uuid());
    };
    for (const auto& device : devices)
        seen.insert(key(device));
    // The faults of definitions were logged already.
    for (const auto& device :
        ListedDevice::defined(uuid, parent, AskScripts::no, env))
        if (!seen.contains(key(device)))
            devices.push_back(device);
    std::sort(devices.begin(), devices.end(),
        [&](const auto& a, const auto& b) { return key(a) < key(b); });
    return devices;
}

/// Passes the devices of `uuid`, or all, to `visit`: definitions as soon as
/// they are read, so that a list of very many need not be in memory.
void each_listed(const std::optional<mdev::Uuid>& uuid,
    const mdev::Environment& env, const Arguments& arguments, AskScripts ask,
    const mdev::ListedDeviceVisitor& visit)
{
    const auto parent = arguments.value("parent");
    if (arguments.has("defined"))
        return ListedDevice::each_defined(uuid, parent, ask, env, visit);
    const auto list =
        arguments.has("all") ? active_and_defined : ListedDevice::active;
    for (const auto& device : list(uuid, parent, ask, env))
        visit(device);
}

using VisitRow = std::function<void(const DeviceRow& row)>;

/// Passes the rows that the options choose, but for --state, to `visit`, not
/// sorted.
void each_row(const mdev::Environment& env, const Arguments& arguments,
    const Columns& columns, const std::set<std::string>& failed,
    const VisitRow& visit)
{
    const auto type = arguments.value("type");
    // The vendor's name of a type, which is read only if its id is another.
    const auto* const name =
        type ? &find_column(arguments, device_columns(), "name") : nullptr;
    const bool only_automatic = arguments.has("auto");
    const auto visit_device = [&](const ListedDevice& device) {
        const auto& definition = device.definition();
        if (only_automatic && definition.start() != mdev::StartMode::automatic)
            return;
        const bool has_failed =
            !failed.empty() && failed.contains(definition.uuid().string());
        const DeviceRow row = {device, env, has_failed};
        if (!type || definition.type_id() == *type ||
            mdev::is_same_but_for_case(name->value(row), *type))
            visit(row);
    };
    const auto ask = asks(arguments, columns);
    const auto used = ask == AskScripts::yes ? interruptible(env) : env;
    const auto uuids = arguments.uuids();
    if (uuids.empty())
        each_listed({}, used, arguments, ask, visit_device);
    for (const auto& uuid : uuids)
        each_listed(uuid, used, arguments, ask, visit_device);
}

/// Sorts names with numbers in them as people do: `mtty-2` before `mtty-10`.
void sort(Rows& rows, const Column<DeviceRow>& column)
{
    std::vector<std::pair<std::string, DeviceRow>> keyed;
    for (auto& row : rows)
        keyed.emplace_back(column.value(row), std::move(row));
    std::stable_sort(
        keyed.begin(), keyed.end(), [](const auto& a, const auto& b) {
            return strverscmp(a.first.c_str(), b.first.c_str()) < 0;
        });
    rows.clear();
    for (auto& [key, row] : keyed)
        rows.push_back(std::move(row));
}

/// Adds the broken definitions that the options choose. Lines and JSON are for
/// programs, which get a warning as with mdevctl 1.x.
void append_broken(Rows& rows, const std::vector<DeviceRow::Broken>& broken,
    const mdev::Environment& env, const Arguments& arguments)
{
    const auto form = form_of(arguments);
    if ((form != Form::table && form != Form::tree) || arguments.has("type") ||
        arguments.has("auto"))
        return;
    const auto parent = arguments.value("parent");
    const auto uuids = arguments.uuids();
    for (const auto& each : broken) {
        const bool is_listed =
            std::any_of(rows.begin(), rows.end(), [&](const DeviceRow& row) {
                return row.uuid() == each.uuid && row.parent() == each.parent;
            });
        const bool is_chosen = (!parent || *parent == each.parent) &&
            (uuids.empty() ||
                std::find(uuids.begin(), uuids.end(), each.uuid) !=
                    uuids.end());
        if (!is_listed && is_chosen)
            rows.push_back({each, env});
    }
    if (uuids.empty())
        std::stable_sort(rows.begin(), rows.end(),
            [](const DeviceRow& a, const DeviceRow& b) {
                return std::tie(a.parent(), a.uuid()) <
                    std::tie(b.parent(), b.uuid());
            });
}

/// Rows, each as soon as it is known.
using RowSource = std::function<void(const VisitRow& visit)>;

Rows collect(const RowSource& each)
{
    Rows rows;
    each([&](const DeviceRow& row) { rows.push_back(row); });
    return rows;
}

RowSource chosen_rows(const mdev::Environment& env, const Arguments& arguments,
    const Columns& columns)
{
    const auto state = arguments.choice("state", device_states(), "");
    const auto has_state = [state](const DeviceRow& row) {
        return state.empty() || state_of(row) == state;
    };
    const auto column = arguments.value("sort");
    if (!arguments.has("all") && !column)
        return [&env, &arguments, &columns, has_state](const VisitRow& visit) {
            each_row(env, arguments, columns, {}, [&](const DeviceRow& row) {
                if (has_state(row))
                    visit(row);
            });
        };
    const auto faults = arguments.has("all") ? faults_of(env) : Faults();
    auto rows = collect([&](const VisitRow& visit) {
        each_row(env, arguments, columns, faults.failed, visit);
    });
    append_broken(rows, faults.broken, env, arguments);
    std::erase_if(rows, [&](const DeviceRow& row) { return !has_state(row); });
    if (column)
        sort(rows, find_column(arguments, device_columns(), *column));
    return [rows = std::move(rows)](const VisitRow& visit) {
        for (const auto& row : rows)
            visit(row);
    };
}

/// Each line ends in `{"NAME":"VALUE"}`. That is not JSON: programs that parse
/// mdevctl expect unchanged names and values.
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
    Output& output, const RowSource& rows, const Arguments& arguments)
{
    // The compiler does not compute the length of a plain literal with -Os.
    using namespace std::string_view_literals;
    const bool defined = arguments.has("defined");
    const bool has_states = arguments.has("all");
    const bool is_verbose = arguments.has("verbose");
    rows([&](const DeviceRow& row) {
        if (!row.device())
            return;
        const auto& device = row.device()->definition();
        output.text(device.uuid().string())
            .text(" "sv)
            .untrusted(device.parent())
            .text(" "sv)
            .untrusted(device.type_id())
            .text(" "sv)
            .text(word(device.start()));
        if (has_states)
            output.text(" (" + state_of(row) + ")");
        else if (defined ? row.device()->is_active()
                         : row.device()->is_defined())
            output.text(defined ? " (active)"sv : " (defined)"sv);
        output.text("\n"sv);
        if (is_verbose)
            append_attributes(output, device.attributes());
        output.send_if_long();
    });
}

void append_devices(
    Output& output, const RowSource& rows, const Arguments& arguments)
{
    const bool only_mdev = arguments.is_for_mdev_only();
    const mdev::ListedDeviceSource each =
        [&](const mdev::ListedDeviceVisitor& visit) {
            rows([&](const DeviceRow& row) {
                if (row.device() &&
                    (!only_mdev ||
                        row.device()->framework() !=
                            mdev::Framework::vendor_vfio))
                    visit(*row.device());
            });
        };
    const auto write = [&](const auto& source, mdev::JsonFormat format) {
        mdev::write_json(source, format, [&](std::string_view piece) {
            output.json_piece(piece).send_if_long();
        });
        output.text("\n");
    };
    if (arguments.has("json"))
        return write(each, mdev::JsonFormat::flat);
    if (!arguments.has("uuid"))
        return write(each, mdev::JsonFormat::compatible);
    std::vector<ListedDevice> devices;
    each([&](const ListedDevice& device) { devices.push_back(device); });
    if (devices.size() == 1)
        output.json(devices.front().definition().to_json());
    else
        output.json(mdev::to_json(devices, mdev::JsonFormat::compatible));
}

void append_json(Output& output, const RowSource& rows, const Columns& columns,
    const Arguments& arguments)
{
    if (arguments.has("output"))
        output.json(json_of(collect(rows), columns, "devices"));
    else
        append_devices(output, rows, arguments);
}

Ink ink(std::string_view column, const std::string& value)
{
    return column == "state" ? ink_of_state(value) : Ink::plain;
}

Columns columns_for(const Arguments& arguments, Form form)
{
    if (form != Form::table && !arguments.has("output"))
        return {};
    return chosen_columns(arguments, device_columns(),
        {"uuid", "parent", "type", "state", "autostart", "name"});
}

/// Returns whether there was something to print.
bool print(const mdev::Environment& env, const Arguments& arguments,
    std::string_view first)
{
    const auto form = form_of(arguments);
    const auto columns = columns_for(arguments, form);
    const auto each = chosen_rows(env, arguments, columns);
    Output output;
    output.text(first);
    bool is_empty = false;
    switch (form) {
    case Form::lines: append_lines(output, each, arguments); break;
    case Form::dumpjson:
    case Form::json: append_json(output, each, columns, arguments); break;
    case Form::tree: {
        const auto tree = device_tree(collect(each), arguments, env);
        is_empty = tree.empty();
        output.text(tree);
        break;
    }
    case Form::table:
        const auto rows = collect(each);
        is_empty = rows.empty();
        // At a terminal a heading without lines would say less than a hint.
        if (!is_empty || arguments.has("output"))
            output.text(table_of(rows, columns, arguments, ink));
    }
    output.send();
    return !is_empty;
}

}

int run_list(const mdev::Environment& env, const Arguments& arguments)
{
    if (!arguments.has("watch")) {
        if (!print(env, arguments, ""))
            say_why_empty(env, arguments, EmptyList::devices);
        return EXIT_SUCCESS;
    }
    const bool can_erase = screen_of(STDOUT_FILENO).can_erase;
    const int interruption = interruption_descriptor();
    const mdev::Monitor monitor(env);
    do {
        monitor.read();
        print(env, arguments, can_erase ? erase_screen : "");
    } while (wait_for_events(monitor, interruption));
    return EXIT_SUCCESS;
}
