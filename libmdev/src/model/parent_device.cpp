// SPDX-License-Identifier: LGPL-2.1-or-later
#include "environment_impl.hpp"
#include "json.hpp"
#include "mdev_type_impl.hpp"
#include "name.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>

namespace mdev {

struct ParentDevice::Impl {
    Environment env;
    std::string name;

    std::filesystem::path path() const
    {
        return env.parents_directory() / name;
    }
    Directory types_directory() const;
};

namespace {

/// Nothing for an entry that is no type or has disappeared; nothing and a
/// warning for a type that cannot be read.
std::optional<MdevType> read_listed_type(const Environment& env,
    const std::string& parent, const Directory& types, const std::string& id)
{
    try {
        return find_type(env, parent, id, types);
    } catch (const Error& error) {
        if (types.exists(id))
            env.log(LogLevel::warning,
                "Type " + id + " of " + parent +
                    " is left out: " + error.what());
        return {};
    }
}

/// False for an entry that has disappeared; false and a warning for one that
/// cannot be opened.
bool is_listed_directory(
    const Directory& parents, const std::string& name, const Environment& env)
try {
    return parents.has_directory(name);
} catch (const Error& error) {
    env.log(LogLevel::warning, error.what());
    return false;
}

json::object type_json(const MdevType& type)
{
    json::object about;
    about["available_instances"] = type.available_instances();
    about["device_api"] = type.device_api();
    if (!type.name().empty())
        about["name"] = type.name();
    if (!type.description().empty())
        about["description"] = type.description();
    json::object named;
    named[type.id()] = std::move(about);
    return named;
}

}

Directory ParentDevice::Impl::types_directory() const
{
    const auto path = this->path() / types_directory_name;
    if (auto directory = Directory::at(path))
        return std::move(*directory);
    throw Error(Errc::no_such_type, path.string(),
        "Parent " + name + " supports no mediated devices: it has no " +
            path.string());
}

ParentDevice::ParentDevice(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API std::optional<ParentDevice> ParentDevice::find(
    std::string_view name, const Environment& env)
{
    check_parent_name(name);
    Impl impl{env, std::string(name)};
    if (!Directory::at(impl.path()))
        return {};
    return ParentDevice(std::make_shared<const Impl>(std::move(impl)));
}

MDEV_API std::vector<ParentDevice> ParentDevice::all(const Environment& env)
{
    std::vector<ParentDevice> parents;
    const auto directory = Directory::at(env.parents_directory());
    if (!directory)
        return parents;
    auto entries = directory->entries();
    std::sort(entries.begin(), entries.end(),
        [](const Entry& a, const Entry& b) { return a.name < b.name; });
    for (auto& entry : entries)
        // Entries of this class are links, so the kind is `other`.
        if (entry.kind != EntryKind::file &&
            is_listed_directory(*directory, entry.name, env))
            parents.push_back(ParentDevice(std::make_shared<const Impl>(
                Impl{env, std::move(entry.name)})));
    return parents;
}

MDEV_API const std::string& ParentDevice::name() const noexcept
{
    return impl_->name;
}

MDEV_API std::vector<MdevType> ParentDevice::types() const
{
    std::vector<MdevType> types;
    try {
        const auto directory = impl_->types_directory();
        for (const auto& entry : directory.entries())
            if (entry.kind != EntryKind::file)
                if (auto type = read_listed_type(
                        impl_->env, impl_->name, directory, entry.name))
                    types.push_back(std::move(*type));
    } catch (const Error& error) {
        // A parent that is unregistered while it is read has no types, which is
        // no reason for a warning.
        if (Directory::at(impl_->path()))
            impl_->env.log(LogLevel::warning, error.what());
    }
    std::sort(types.begin(), types.end(),
        [](const MdevType& a, const MdevType& b) { return a.id() < b.id(); });
    return types;
}

MDEV_API std::optional<MdevType> ParentDevice::type(std::string_view id) const
{
    check_type_name(id);
    return find_type(
        impl_->env, impl_->name, std::string(id), impl_->types_directory());
}

namespace {

std::string compatible_json(const std::vector<ParentDevice>& parents)
{
    json::object all;
    for (const auto& parent : parents) {
        json::array types;
        for (const auto& type : parent.types())
            types.push_back(type_json(type));
        all[parent.name()] = std::move(types);
    }
    // mdevctl 1.x prints an empty array for a host without parents, but an
    // array of one object otherwise.
    if (all.empty())
        return "[]";
    return json::pretty(json::array{std::move(all)});
}

std::string flat_json(const std::vector<ParentDevice>& parents)
{
    json::array list;
    for (const auto& parent : parents)
        for (const auto& type : parent.types()) {
            json::object object;
            object["parent"] = parent.name();
            const auto about = flat_json(type);
            object.insert(about.begin(), about.end());
            list.push_back(std::move(object));
        }
    json::object document;
    document["version"] = 1;
    document["types"] = std::move(list);
    return json::pretty(document);
}

}

MDEV_API std::string to_json(
    const std::vector<ParentDevice>& parents, JsonFormat format)
{
    return format == JsonFormat::flat ? flat_json(parents)
                                      : compatible_json(parents);
}

}
