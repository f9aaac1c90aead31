// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "interruption.hpp"
#include "output.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>
#include <mdev/device.hpp>
#include <mdev/error.hpp>

#include <cstdlib>
#include <set>

namespace {

/// What `-u` and `-p` leave over.
struct Filter {
    std::optional<mdev::Uuid> uuid;
    std::optional<std::string> parent;

    template <class Subject> bool passes(const Subject& subject) const
    {
        return (!uuid || subject.uuid() == *uuid) &&
            (!parent || subject.parent() == *parent);
    }
};

std::vector<mdev::Device> devices(
    const mdev::Environment& env, const Filter& filter)
{
    if (!filter.uuid)
        return mdev::Device::all(env);
    std::vector<mdev::Device> found;
    try {
        if (auto device = mdev::Device::find(*filter.uuid, env))
            found.push_back(std::move(*device));
    } catch (const mdev::Error& error) {
        env.log(mdev::LogLevel::warning, error.what());
    }
    return found;
}

std::vector<mdev::Definition> definitions(
    const mdev::Environment& env, const Filter& filter)
{
    const mdev::ConfigStore store(env);
    if (filter.uuid)
        return store.all_of(*filter.uuid);
    return filter.parent ? store.under(*filter.parent) : store.all();
}

/// What an active device's definition, if it has one, adds to it. A broken one
/// is one, too; the log says what is wrong with it.
void add_stored(ListedDevice& listed, const mdev::ConfigStore& store,
    const mdev::Environment& env)
{
    constexpr std::string_view mark = " (defined)";
    const auto& uuid = listed.definition.uuid();
    const auto& parent = listed.definition.parent();
    try {
        if (const auto stored = store.find(uuid, parent)) {
            listed.definition.set_start(stored->start());
            listed.mark = mark;
        }
    } catch (const mdev::Error& error) {
        env.log(mdev::LogLevel::warning, error.what());
        if (error.subject() == store.path(uuid, parent))
            listed.mark = mark;
    }
}

std::vector<ListedDevice> list_active(
    const mdev::Environment& env, const Filter& filter)
{
    const mdev::ConfigStore store(env);
    std::vector<ListedDevice> list;
    for (const auto& device : devices(env, filter))
        try {
            if (!filter.passes(device))
                continue;
            list.push_back(
                {{device.uuid(), device.parent(), device.type()}, ""});
            add_stored(list.back(), store, env);
        } catch (const mdev::Error& error) {
            env.log(mdev::LogLevel::warning, error.what());
        }
    return list;
}

std::vector<ListedDevice> list_defined(
    const mdev::Environment& env, const Filter& filter)
{
    std::set<std::pair<std::string, mdev::Uuid>> active;
    for (const auto& device : devices(env, filter))
        active.emplace(device.parent(), device.uuid());
    std::vector<ListedDevice> list;
    for (auto& definition : definitions(env, filter)) {
        if (!filter.passes(definition))
            continue;
        const bool runs =
            active.count({definition.parent(), definition.uuid()}) != 0;
        list.push_back({std::move(definition), runs ? " (active)" : ""});
    }
    return list;
}

std::string dump(
    const std::vector<ListedDevice>& list, bool a_single_one_is_bare)
{
    if (a_single_one_is_bare && list.size() == 1)
        return list.front().definition.json();
    std::vector<mdev::Definition> definitions;
    for (const auto& device : list)
        definitions.push_back(device.definition);
    return mdev::list_json(definitions);
}

/// What active devices have is for their scripts to say.
void add_attributes(
    std::vector<ListedDevice>& list, const mdev::Environment& env)
{
    std::vector<mdev::Definition> devices;
    for (const auto& device : list)
        devices.push_back(device.definition);
    try {
        mdev::CalloutEngine(interruptible(env)).add_attributes(devices);
    } catch (const mdev::Error& error) {
        if (error.code() == mdev::Errc::cancelled)
            throw;
        env.log(mdev::LogLevel::warning, error.what());
    }
    for (std::size_t i = 0; i < list.size(); ++i)
        list[i].definition = devices[i];
}

}

int run_list(const mdev::Environment& env, const Arguments& arguments)
{
    const Filter filter{arguments.uuid(), arguments.value("parent")};
    // Refuses what can be no parent's name; one that is absent is fine.
    if (filter.parent)
        mdev::ParentDevice::find(*filter.parent, env);
    const bool defined = arguments.has("defined");
    const auto attributes =
        arguments.has("verbose") ? Attributes::shown : Attributes::hidden;
    auto list = defined ? list_defined(env, filter) : list_active(env, filter);
    if (!defined &&
        (arguments.has("dumpjson") || attributes == Attributes::shown))
        add_attributes(list, env);
    if (arguments.has("dumpjson")) {
        Output(dump(list, filter.uuid.has_value())).text("\n").send();
        return EXIT_SUCCESS;
    }
    Output output;
    for (const auto& device : list)
        append_device(output, device, attributes);
    output.send();
    return EXIT_SUCCESS;
}
