// SPDX-License-Identifier: LGPL-2.1-or-later
#include "columns.hpp"
#include "completion.hpp"

#include <mdev/config_store.hpp>
#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/parent_device.hpp>

#include <optional>
#include <set>

namespace {

using Candidates = std::vector<Candidate>;

/// A device as far as completion is concerned, active or defined.
struct Known {
    mdev::Uuid uuid;
    std::string parent;
    std::string type;
};

template <class Items> std::vector<Known> known(const Items& items)
{
    std::vector<Known> found;
    found.reserve(items.size());
    for (const auto& item : items)
        found.push_back({item.uuid(), item.parent(), item.type_id()});
    return found;
}

/// Which devices a command is for.
enum class Wanted { active, defined, only_active, only_defined, all, none };

Wanted wanted(std::string_view command, const CommandLine& line)
{
    if (command == "define")
        return Wanted::only_active;
    if (command == "start")
        return Wanted::only_defined;
    if (command == "stop")
        return Wanted::active;
    if (command == "undefine")
        return Wanted::defined;
    if (command == "modify")
        return line.values.contains("live") ? Wanted::active : Wanted::defined;
    if (command == "show")
        return Wanted::all;
    if (command == "list")
        return line.values.contains("defined") ? Wanted::defined
                                               : Wanted::active;
    return Wanted::none;
}

std::vector<Known> without(
    const std::vector<Known>& devices, const std::vector<Known>& others)
{
    std::set<mdev::Uuid> uuids;
    for (const auto& other : others)
        uuids.insert(other.uuid);
    std::vector<Known> left;
    for (const auto& device : devices)
        if (!uuids.contains(device.uuid))
            left.push_back(device);
    return left;
}

std::vector<Known> devices(Wanted which, const mdev::Environment& env)
{
    const auto active = [&] { return known(mdev::Device::all(env)); };
    const auto defined = [&] { return known(mdev::ConfigStore(env).all()); };
    switch (which) {
    case Wanted::active: return active();
    case Wanted::defined: return defined();
    case Wanted::only_active: return without(active(), defined());
    case Wanted::only_defined: return without(defined(), active());
    case Wanted::all: {
        auto all = active();
        for (auto& device : without(defined(), all))
            all.push_back(std::move(device));
        return all;
    }
    default: return {};
    }
}

std::optional<mdev::Uuid> given_uuid(const CommandLine& line)
{
    const auto found = line.values.find("uuid");
    return found == line.values.end() ? std::nullopt
                                      : mdev::Uuid::parse(found->second);
}

/// What is given of a device, but for `option`, which is being completed.
std::vector<Known> matching(
    std::vector<Known> devices, const CommandLine& line, std::string_view kind)
{
    std::vector<Known> left;
    const auto uuid = given_uuid(line);
    const auto parent = line.values.find("parent");
    const auto type = line.values.find("type");
    for (auto& device : devices)
        if ((kind == "UUID" || !uuid || device.uuid == *uuid) &&
            (kind == "PARENT" || parent == line.values.end() ||
                device.parent == parent->second) &&
            (kind == "TYPE" || type == line.values.end() ||
                device.type == type->second))
            left.push_back(std::move(device));
    return left;
}

Candidates uuids(const std::vector<Known>& devices)
{
    Candidates found;
    std::set<mdev::Uuid> seen;
    for (const auto& device : devices)
        if (seen.insert(device.uuid).second)
            found.push_back(
                {device.uuid.string(), device.parent + " " + device.type});
    return found;
}

Candidates parents_of(const std::vector<Known>& devices)
{
    std::map<std::string, std::size_t> counts;
    for (const auto& device : devices)
        ++counts[device.parent];
    Candidates found;
    for (const auto& [parent, count] : counts)
        found.push_back({parent,
            std::to_string(count) + (count == 1 ? " device" : " devices")});
    return found;
}

Candidates present_parents(const mdev::Environment& env)
{
    Candidates found;
    for (const auto& parent : mdev::ParentDevice::all(env)) {
        const auto count = parent.types().size();
        found.push_back({parent.name(),
            std::to_string(count) + (count == 1 ? " type" : " types")});
    }
    return found;
}

/// Those that a new device could have; `start` also takes a definition's.
Candidates parents(std::string_view command, const CommandLine& line,
    const mdev::Environment& env)
{
    const auto which = wanted(command, line);
    const bool takes_new = command == "define" || command == "start" ||
        command == "types" || command == "test-callout";
    if (which != Wanted::none && (!takes_new || given_uuid(line)))
        if (auto found =
                parents_of(matching(devices(which, env), line, "PARENT"));
            !found.empty() || !takes_new)
            return found;
    return present_parents(env);
}

std::string meaning(const mdev::MdevType& type)
{
    auto text = std::to_string(type.available_instances()) + " left";
    return type.name().empty() ? text : text + ": " + type.name();
}

Candidates types(std::string_view command, const CommandLine& line,
    const mdev::Environment& env)
{
    std::set<std::string> wanted_parents;
    if (const auto parent = line.values.find("parent");
        parent != line.values.end())
        wanted_parents = {parent->second};
    else if (given_uuid(line))
        for (const auto& device :
            matching(devices(wanted(command, line), env), line, "TYPE"))
            wanted_parents.insert(device.parent);
    std::map<std::string, std::string> found;
    for (const auto& parent : mdev::ParentDevice::all(env))
        if (wanted_parents.empty() || wanted_parents.contains(parent.name()))
            for (const auto& type : parent.types())
                found.emplace(type.id(), meaning(type));
    Candidates candidates;
    for (const auto& [id, text] : found)
        candidates.push_back({id, text});
    return candidates;
}

Candidates indices(const CommandLine& line, const mdev::Environment& env)
{
    const auto uuid = given_uuid(line);
    if (!uuid)
        return {};
    const mdev::ConfigStore store(env);
    const auto parent = line.values.find("parent");
    Candidates found;
    for (const auto& definition : store.of_uuid(*uuid)) {
        if (parent != line.values.end() &&
            parent->second != definition.parent())
            continue;
        for (const auto& [name, value] : definition.attributes())
            found.push_back({std::to_string(found.size()), name + "=" + value});
        break;
    }
    return found;
}

/// One of them; who wants more writes a comma.
Candidates columns()
{
    Candidates found;
    for (const auto& column : all_columns())
        found.push_back(
            {std::string(column.name), std::string(column.meaning)});
    return found;
}

}

Candidates values(const Command& command, std::string_view kind,
    const CommandLine& line, const mdev::Environment& env)
try {
    if (kind == "FILE" || kind == "SCRIPT")
        return {{std::string(file_names), ""}};
    if (kind == "PARENT")
        return parents(command.name, line, env);
    if (kind == "TYPE")
        return types(command.name, line, env);
    if (kind == "UUID")
        return uuids(
            matching(devices(wanted(command.name, line), env), line, kind));
    if (kind == "N")
        return indices(line, env);
    if (kind == "COLUMNS")
        return columns();
    return {};
} catch (const mdev::Error&) {
    // What cannot be read cannot be offered.
    return {};
}
