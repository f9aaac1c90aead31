// SPDX-License-Identifier: LGPL-2.1-or-later
#include "columns.hpp"
#include "completion.hpp"

#include <mdev/error.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/parent_device.hpp>

#include <optional>
#include <set>

namespace {

using Candidates = std::vector<Candidate>;

std::string counted(std::size_t count, const std::string& noun)
{
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// What a line says of devices, but for the value that is completed.
class Search {
public:
    Search(const Command& command, const CommandLine& line,
        const mdev::Environment& env)
        : env_(env),
          devices_(command.devices)
    {
        for (const auto& option : command.options)
            if (option.devices != Devices::none &&
                line.values.contains(option.name))
                devices_ = option.devices;
        const auto value = [&](std::string_view option) {
            const auto found = line.values.find(option);
            return found == line.values.end()
                ? std::nullopt
                : std::optional<std::string>(found->second);
        };
        parent_ = value("parent");
        type_ = value("type");
        if (const auto text = value("uuid"))
            uuid_ = mdev::Uuid::parse(*text);
    }

    Candidates uuids() const
    {
        Candidates found;
        std::set<mdev::Uuid> seen;
        for (const auto& device : matching({}, parent_, type_))
            if (seen.insert(device.uuid()).second)
                found.push_back({device.uuid().string(),
                    device.parent() + " " + device.type_id()});
        return found;
    }

    Candidates parents() const
    {
        const bool takes_new =
            devices_ == Devices::to_define || devices_ == Devices::to_start;
        std::map<std::string, std::size_t> counts;
        if (uuid_ || !takes_new)
            for (const auto& device : matching(uuid_, {}, type_))
                ++counts[device.parent()];
        Candidates found;
        for (const auto& [parent, count] : counts)
            found.push_back({parent, counted(count, "device")});
        if (found.empty() && (takes_new || devices_ == Devices::none))
            for (const auto& parent : mdev::ParentDevice::all(env_))
                found.push_back(
                    {parent.name(), counted(parent.types().size(), "type")});
        return found;
    }

    Candidates types() const
    {
        std::set<std::string> parents;
        if (parent_)
            parents = {*parent_};
        else if (uuid_)
            for (const auto& device : matching(uuid_, {}, {}))
                parents.insert(device.parent());
        std::map<std::string, std::string> meanings;
        for (const auto& parent : mdev::ParentDevice::all(env_))
            if (parents.empty() || parents.contains(parent.name()))
                for (const auto& type : parent.types())
                    meanings.emplace(type.id(),
                        std::to_string(type.available_instances()) + " left" +
                            (type.name().empty() ? "" : ": " + type.name()));
        Candidates found;
        for (const auto& [id, meaning] : meanings)
            found.push_back({id, meaning});
        return found;
    }

    Candidates indices() const
    {
        Candidates found;
        if (!uuid_)
            return found;
        const auto defined = mdev::ListedDevice::defined(uuid_, parent_, env_);
        if (!defined.empty())
            for (const auto& [name, value] :
                defined.front().definition().attributes())
                found.push_back(
                    {std::to_string(found.size()), name + "=" + value});
        return found;
    }

private:
    /// The devices that the command is about.
    std::vector<mdev::Definition> matching(
        const std::optional<mdev::Uuid>& uuid,
        const std::optional<std::string>& parent,
        const std::optional<std::string>& type) const
    {
        using enum Devices;
        using mdev::ListedDevice;
        std::vector<mdev::Definition> found;
        const auto add = [&](const mdev::Definition& device) {
            if (!type || device.type_id() == *type)
                found.push_back(device);
        };
        if (devices_ == active || devices_ == to_define || devices_ == all)
            for (const auto& device :
                ListedDevice::active(uuid, parent, mdev::AskScripts::no, env_))
                if (devices_ != to_define || !device.is_defined())
                    add(device.definition());
        if (devices_ == defined || devices_ == to_start || devices_ == all)
            for (const auto& device : ListedDevice::defined(uuid, parent, env_))
                if (devices_ == defined || !device.is_active())
                    add(device.definition());
        return found;
    }

    const mdev::Environment& env_;
    Devices devices_;
    std::optional<mdev::Uuid> uuid_;
    std::optional<std::string> parent_;
    std::optional<std::string> type_;
};

Candidates column_names()
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
    const Search search(command, line, env);
    if (kind == "FILE" || kind == "SCRIPT")
        return {{std::string(file_names), ""}};
    if (kind == "PARENT")
        return search.parents();
    if (kind == "TYPE")
        return search.types();
    if (kind == "UUID")
        return search.uuids();
    if (kind == "N")
        return search.indices();
    if (kind == "COLUMNS")
        return column_names();
    return {};
} catch (const mdev::Error&) {
    // What cannot be read cannot be offered.
    return {};
}
