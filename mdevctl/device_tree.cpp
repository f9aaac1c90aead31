// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_tree.hpp"

#include "output.hpp"

#include <mdev/parent_device.hpp>

#include <map>
#include <optional>
#include <unistd.h>

namespace {

struct TypeNode {
    std::optional<mdev::MdevType> type;
    std::vector<const DeviceRow*> devices{};
};

struct ParentNode {
    bool exists = false;
    std::map<std::string, TypeNode> types{};
};

using Tree = std::map<std::string, ParentNode>;

/// All parents and types, and those of the devices that are not there; with a
/// filter only those that have devices left.
Tree tree_of(const std::vector<DeviceRow>& rows, const Arguments& arguments,
    const mdev::Environment& env)
{
    Tree tree;
    const bool is_filtered = arguments.has("state") || arguments.has("auto") ||
        !arguments.uuids().empty();
    for (const auto& parent : mdev::ParentDevice::all(env)) {
        if (arguments.value("parent").value_or(parent.name()) != parent.name())
            continue;
        auto& node = tree[parent.name()];
        node.exists = true;
        for (const auto& type : parent.types())
            if (arguments.value("type").value_or(type.id()) == type.id())
                node.types[type.id()].type = type;
    }
    for (const auto& row : rows) {
        // A broken definition does not tell its type.
        const auto type =
            row.device() ? row.device()->definition().type_id() : "";
        tree[row.parent()].types[type].devices.push_back(&row);
    }
    for (auto& [name, parent] : tree)
        std::erase_if(parent.types, [&](const auto& type) {
            return is_filtered && type.second.devices.empty();
        });
    std::erase_if(tree, [&](const auto& parent) {
        return (is_filtered || arguments.has("type")) &&
            parent.second.types.empty();
    });
    return tree;
}

std::string device_line(const DeviceRow& row, const Screen& screen)
{
    const auto state = state_of(row);
    return row.uuid().string() + " " +
        screen.painted(ink_of_state(state), state) +
        (row.device()
                ? " " + std::string(word(row.device()->definition().start()))
                : "");
}

std::string type_line(
    const std::string& id, const TypeNode& node, bool has_parent)
{
    auto line = escaped(id);
    if (id.empty())
        return "(unknown type)";
    if (!node.type)
        return line + (has_parent ? " (not offered)" : "");
    line +=
        " (" + std::to_string(node.type->available_instances()) + " available)";
    return node.type->name().empty() ? line
                                     : line + " " + escaped(node.type->name());
}

}

Ink ink_of_state(const std::string& state)
{
    if (state == "failed" || state == "broken")
        return Ink::bad;
    if (state == "differs")
        return Ink::notice;
    return state == "defined" ? Ink::plain : Ink::good;
}

std::string device_tree(const std::vector<DeviceRow>& rows,
    const Arguments& arguments, const mdev::Environment& env)
{
    const auto screen = screen_of(STDOUT_FILENO, arguments.color());
    const std::string middle = screen.symbol("├─", "|-");
    const std::string last = screen.symbol("└─", "`-");
    const std::string down = screen.symbol("│ ", "| ");
    std::string text;
    for (const auto& [name, parent] : tree_of(rows, arguments, env)) {
        text += screen.painted(Ink::heading, escaped(name));
        text += parent.exists ? "\n" : " (no such parent)\n";
        std::size_t type_number = 0;
        for (const auto& [id, type] : parent.types) {
            const bool is_last = ++type_number == parent.types.size();
            text.append(is_last ? last : middle)
                .append(type_line(id, type, parent.exists))
                .append("\n");
            std::size_t number = 0;
            for (const auto* device : type.devices)
                text.append(is_last ? "  " : down)
                    .append(++number == type.devices.size() ? last : middle)
                    .append(device_line(*device, screen))
                    .append("\n");
        }
    }
    return text;
}
