// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>
#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/parent_device.hpp>

#include <map>

namespace mdev {

struct ListedDevice::Impl {
    Environment env;
    Definition definition;
    bool is_active = false;
    bool is_defined = false;
    std::vector<std::string> differences;
};

struct ListedDeviceAccess {
    using Parts = ListedDevice::Impl;

    static ListedDevice make(Parts parts)
    {
        return ListedDevice(std::make_shared<const Parts>(std::move(parts)));
    }
};

namespace {

using Parts = ListedDeviceAccess::Parts;

/// Which of all are wanted.
struct Filter {
    const std::optional<Uuid>& uuid;
    const std::optional<std::string>& parent;

    template <class Subject> bool passes(const Subject& subject) const
    {
        return (!uuid || subject.uuid() == *uuid) &&
            (!parent || subject.parent() == *parent);
    }
};

/// Refuses what can be no parent's name; one that is absent is fine.
void check(const Filter& filter, const Environment& env)
{
    if (filter.parent)
        ParentDevice::find(*filter.parent, env);
}

std::vector<Device> devices(const Environment& env, const Filter& filter)
{
    if (!filter.uuid)
        return Device::all(env);
    std::vector<Device> found;
    try {
        if (auto device = Device::find(*filter.uuid, env))
            found.push_back(std::move(*device));
    } catch (const Error& error) {
        env.log(LogLevel::warning, error.what());
    }
    return found;
}

std::vector<Definition> definitions(
    const ConfigStore& store, const Filter& filter)
{
    if (filter.uuid)
        return store.all_of(*filter.uuid);
    return filter.parent ? store.under(*filter.parent) : store.all();
}

/// In what a device is other than is stored of it; no script, no attributes.
std::vector<std::string> differences_of(
    const Definition& device, const Definition& stored)
{
    std::vector<std::string> found;
    if (device.type() != stored.type())
        found.emplace_back("type");
    if (!device.attributes().empty() &&
        device.attributes() != stored.attributes())
        found.emplace_back("attrs");
    return found;
}

/// What an active device's definition, if it has one, adds to it. A broken one
/// is one, too; the log says what is wrong with it.
void add_stored(Parts& listed, const ConfigStore& store)
{
    const auto& uuid = listed.definition.uuid();
    const auto& parent = listed.definition.parent();
    try {
        const auto stored = store.find(uuid, parent);
        if (!stored)
            return;
        listed.definition.set_start(stored->start());
        listed.differences = differences_of(listed.definition, *stored);
    } catch (const Error& error) {
        listed.env.log(LogLevel::warning, error.what());
        if (error.subject() != store.path(uuid, parent))
            return;
    }
    listed.is_defined = true;
}

/// What active devices have is for their scripts to say.
void ask_scripts(std::vector<Parts>& list, const Environment& env)
{
    std::vector<Definition> asked;
    asked.reserve(list.size());
    for (const auto& device : list)
        asked.push_back(device.definition);
    try {
        CalloutEngine(env).add_attributes(asked);
    } catch (const Error& error) {
        if (error.code() == Errc::cancelled)
            throw;
        env.log(LogLevel::warning, error.what());
    }
    for (std::size_t i = 0; i < list.size(); ++i)
        list[i].definition = std::move(asked[i]);
}

}

ListedDevice::ListedDevice(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API std::vector<ListedDevice> ListedDevice::active(
    const std::optional<Uuid>& uuid, const std::optional<std::string>& parent,
    Scripts scripts, const Environment& env)
{
    const Filter filter{uuid, parent};
    check(filter, env);
    std::vector<Parts> list;
    for (const auto& device : devices(env, filter))
        if (filter.passes(device))
            try {
                list.push_back(
                    {env, {device.uuid(), device.parent(), device.type()}, true,
                        false, {}});
            } catch (const Error& error) {
                env.log(LogLevel::warning, error.what());
            }
    if (scripts == Scripts::asked)
        ask_scripts(list, env);
    const ConfigStore store(env);
    std::vector<ListedDevice> made;
    made.reserve(list.size());
    for (auto& listed : list) {
        add_stored(listed, store);
        made.push_back(ListedDeviceAccess::make(std::move(listed)));
    }
    return made;
}

MDEV_API std::vector<ListedDevice> ListedDevice::defined(
    const std::optional<Uuid>& uuid, const std::optional<std::string>& parent,
    const Environment& env)
{
    const Filter filter{uuid, parent};
    check(filter, env);
    std::map<std::pair<std::string, Uuid>, std::string> types;
    for (const auto& device : devices(env, filter))
        types.emplace(std::pair(device.parent(), device.uuid()), device.type());
    auto all = definitions(ConfigStore(env), filter);
    std::vector<ListedDevice> list;
    list.reserve(all.size());
    for (auto& definition : all) {
        if (!filter.passes(definition))
            continue;
        const auto active = types.empty()
            ? types.end()
            : types.find({definition.parent(), definition.uuid()});
        Parts listed{
            env, std::move(definition), active != types.end(), true, {}};
        if (listed.is_active && active->second != listed.definition.type())
            listed.differences.emplace_back("type");
        list.push_back(ListedDeviceAccess::make(std::move(listed)));
    }
    return list;
}

MDEV_API const Definition& ListedDevice::definition() const noexcept
{
    return impl_->definition;
}

MDEV_API bool ListedDevice::is_active() const noexcept
{
    return impl_->is_active;
}

MDEV_API bool ListedDevice::is_defined() const noexcept
{
    return impl_->is_defined;
}

MDEV_API const std::vector<std::string>&
ListedDevice::differences() const noexcept
{
    return impl_->differences;
}

MDEV_API std::filesystem::path ListedDevice::path() const
{
    if (!is_active())
        return {};
    return impl_->env.devices_directory() / definition().uuid().string();
}

MDEV_API std::filesystem::path ListedDevice::file() const
{
    if (!is_defined())
        return {};
    return ConfigStore(impl_->env)
        .path(definition().uuid(), definition().parent());
}

MDEV_API std::string devices_json(const std::vector<ListedDevice>& devices)
{
    json::array list;
    for (const auto& device : devices) {
        auto object = flat_json(device.definition());
        object["active"] = device.is_active();
        object["defined"] = device.is_defined();
        object["differs"] = json::strings(device.differences());
        object["path"] = json::or_null(device.path().string());
        object["file"] = json::or_null(device.file().string());
        list.push_back(std::move(object));
    }
    json::object document;
    document["version"] = 1;
    document["devices"] = std::move(list);
    return json::pretty(document);
}

}
