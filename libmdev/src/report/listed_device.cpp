// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "config_store_impl.hpp"
#include "definition_impl.hpp"
#include "device_impl.hpp"
#include "difference.hpp"
#include "environment_impl.hpp"
#include "framework_of.hpp"
#include "kernel_error.hpp"
#include "listed_device_impl.hpp"
#include "unfinished_start.hpp"

#include <mdev/device.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/parent_device.hpp>

#include <map>

namespace mdev {

// Lists with a line for each device. DeviceStatus reports everything about one
// device; a list asks for no more than it shows: no type, no IOMMU group, no
// users. Scripts run only if the caller asks for attributes, because a script
// takes longer than all the rest.
//
// An active device and its definition belong together if UUID and parent are
// equal: a UUID may be defined under several parents, and only one of these
// devices can be active.

struct ListedDevice::Impl {
    Environment env;
    Definition definition;
    std::optional<Device> active{};
    bool is_defined = false;
    std::optional<Framework> framework{};
    std::vector<std::string> differences{};
    /// The name of the definition's file, if it is not the kernel's spelling.
    std::string other_spelling{};
};

namespace {

using Parts = Access::Impl<ListedDevice>;

/// Which devices the caller wants.
struct Filter {
    const std::optional<Uuid>& uuid;
    const std::optional<std::string>& parent;

    template <class Subject> bool passes(const Subject& subject) const
    {
        return (!uuid || subject.uuid() == *uuid) &&
            (!parent || subject.parent() == *parent);
    }
};

/// Throws Error if the parent's name is invalid. A parent that does not exist
/// is not an error: it may have definitions.
void check(const Filter& filter, const Environment& env)
{
    if (filter.parent)
        ParentDevice::find(*filter.parent, env);
}

DeviceList devices_of(const Environment& env, const Filter& filter)
{
    if (!filter.uuid)
        return all_devices(env);
    DeviceList found;
    try {
        if (auto device = Device::find(*filter.uuid, env))
            found.devices.push_back(std::move(*device));
    } catch (const Error& error) {
        found.unread.insert(*filter.uuid);
        env.log(LogLevel::warning, error.what());
    }
    return found;
}

/// A definition that cannot be read counts as defined, under the name that its
/// file has.
void add_broken(Parts& listed)
try {
    const auto& definition = listed.definition;
    const auto files =
        find_files(listed.env, definition.uuid(), definition.parent());
    listed.is_defined = !files.empty();
    if (listed.is_defined && files.front().name != definition.uuid().string())
        listed.other_spelling = files.front().name;
} catch (const Error&) {
    // The log has it already.
}

/// The known state of a listed device that is active; `noted` is
/// noted_starts().
ActiveState state_of(
    const Environment& env, const Device& device, const std::set<Uuid>& noted)
{
    return {device.type_id(), {},
        noted.contains(device.uuid()) &&
            start_progress(env, device) == StartProgress::ended};
}

/// Adds what the definition of an active device says.
void add_stored(Parts& listed, const ActiveState& state)
try {
    const auto& device = listed.definition;
    const auto stored = find_stored(listed.env, device.uuid(), device.parent());
    if (!stored)
        return;
    listed.is_defined = true;
    listed.other_spelling = stored->other_spelling;
    listed.differences = differences(state, stored->definition);
    listed.definition.set_start(stored->definition.start());
} catch (const Error& error) {
    listed.env.log(LogLevel::warning, error.what());
    add_broken(listed);
}

using Answers = std::vector<Access::Impl<CalloutEngine>::Answer>;

/// Asks the scripts for the attributes of all active devices at once, so that
/// they can run in parallel and share one memory.
Answers ask_scripts(
    const std::vector<ScriptSubject>& devices, const Environment& env)
try {
    return Access::impl(CalloutEngine(env)).attributes(devices);
} catch (const Error& error) {
    if (is_end_of_command(env, error))
        throw;
    env.log(LogLevel::warning, error.what());
    return Answers(devices.size(), {.failure = error});
}

/// Adds what the scripts say to a list of active devices.
Answers add_attributes(std::vector<Parts>& list, const Environment& env)
{
    std::vector<ScriptSubject> asked;
    asked.reserve(list.size());
    for (const auto& device : list)
        asked.emplace_back(device.definition);
    auto answers = ask_scripts(asked, env);
    for (std::size_t i = 0; i < list.size(); ++i)
        if (const auto& attributes = answers[i].attributes)
            list[i].definition.set_attributes(*attributes);
    return answers;
}

/// Leaves out the devices whose scripts have failed.
void leave_out_unanswered(
    ListedDevices& list, const Answers& answers, const Environment& env)
{
    std::vector<ListedDevice> kept;
    for (std::size_t i = 0; i < list.devices.size(); ++i) {
        const auto& device = list.devices[i];
        const auto& failure = answers[i].failure;
        // The attributes of a defined device are those of its definition.
        if (!failure || device.is_defined())
            kept.push_back(device);
        else
            env.log(LogLevel::warning,
                "Device " + device.definition().uuid().string() +
                    " is ignored: " + failure->what());
    }
    list.is_complete = list.is_complete && kept.size() == list.devices.size();
    list.devices = std::move(kept);
}

/// The active devices that a list of definitions is compared with.
struct Active {
    Device device;
    std::optional<std::vector<Attribute>> attributes{};
};
using ActiveDevices = std::map<std::pair<std::string, Uuid>, Active>;

/// Also notes in `list` what cannot be read: the definitions are known all the
/// same.
ActiveDevices active_devices(
    ListedDevices& list, const Environment& env, const Filter& filter)
{
    ActiveDevices active;
    list.is_bus_read = attempt(env, LogLevel::warning, [&] {
        auto found = devices_of(env, filter);
        list.unread = std::move(found.unread);
        for (const auto& device : found.devices)
            active.emplace(
                std::pair(device.parent(), device.uuid()), Active{device});
    });
    return active;
}

/// Adds what the scripts say of the active devices that are defined.
void add_attributes(ActiveDevices& active,
    const std::vector<StoredDefinition>& stored, const Environment& env)
{
    std::vector<ScriptSubject> asked;
    std::vector<Active*> devices;
    for (const auto& [definition, other_spelling] : stored)
        if (const auto found =
                active.find({definition.parent(), definition.uuid()});
            found != active.end()) {
            asked.emplace_back(found->second.device);
            devices.push_back(&found->second);
        }
    auto answers = ask_scripts(asked, env);
    for (std::size_t i = 0; i < devices.size(); ++i)
        devices[i]->attributes = std::move(answers[i].attributes);
}

}

ListedDevice::ListedDevice(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

ListedDevices list_active(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const Environment& env, Unanswered unanswered)
{
    const Filter filter{uuid, parent};
    check(filter, env);
    auto found = devices_of(env, filter);
    ListedDevices made;
    made.unread = std::move(found.unread);
    std::vector<Parts> list;
    for (const auto& device : found.devices)
        if (filter.passes(device))
            try {
                list.push_back(
                    {env, {device.uuid(), device.parent(), device.type_id()},
                        device});
            } catch (const Error& error) {
                made.is_complete = false;
                env.log(LogLevel::warning, error.what());
            }
    const auto answers = ask == AskScripts::yes ? add_attributes(list, env)
                                                : Answers(list.size());
    const auto noted = noted_starts(env);
    made.devices.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
        auto state = state_of(env, *list[i].active, noted);
        state.attributes = answers[i].attributes;
        add_stored(list[i], state);
        made.devices.push_back(Access::make<ListedDevice>(std::move(list[i])));
    }
    if (unanswered == Unanswered::left_out)
        leave_out_unanswered(made, answers, env);
    return made;
}

MDEV_API std::vector<ListedDevice> ListedDevice::active(
    const std::optional<Uuid>& uuid, const std::optional<std::string>& parent,
    AskScripts ask, const Environment& env)
{
    return list_active(uuid, parent, ask, env).devices;
}

ListedDevices list_defined(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const Environment& env)
{
    std::vector<ListedDevice> devices;
    auto list = each_defined(uuid, parent, ask, env,
        [&](auto device) { devices.push_back(std::move(device)); });
    list.devices = std::move(devices);
    return list;
}

ListedDevices each_defined(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const Environment& env,
    const std::function<void(ListedDevice device)>& take)
{
    const Filter filter{uuid, parent};
    check(filter, env);
    ListedDevices list;
    auto devices = active_devices(list, env, filter);
    const auto noted = devices.empty() ? std::set<Uuid>() : noted_starts(env);
    FrameworkOf framework_of(env);
    const auto take_stored = [&](StoredDefinition stored) {
        auto& definition = stored.definition;
        // An exception for hosts without active devices: a map lookup would
        // need a copy of the parent's name for each of many definitions.
        const auto active = devices.empty()
            ? devices.end()
            : devices.find({definition.parent(), definition.uuid()});
        const bool is_active = active != devices.end() &&
            is_as_defined(active->second.device, definition);
        Parts listed{env, std::move(definition), {}, true};
        if (is_active)
            listed.active = active->second.device;
        listed.other_spelling = std::move(stored.other_spelling);
        listed.framework = framework_of(listed.definition.parent());
        if (active != devices.end()) {
            auto state = state_of(env, active->second.device, noted);
            state.attributes = std::move(active->second.attributes);
            listed.differences = mdev::differences(state, listed.definition);
        }
        take(Access::make<ListedDevice>(std::move(listed)));
    };
    if (ask == AskScripts::no) {
        list.is_complete = each_stored(env, uuid, parent, take_stored);
        return list;
    }
    // All are asked at once.
    auto all = stored_definitions(env, uuid, parent);
    list.is_complete = all.is_complete;
    add_attributes(devices, all.definitions, env);
    for (auto& stored : all.definitions)
        take_stored(std::move(stored));
    return list;
}

MDEV_API std::vector<ListedDevice> ListedDevice::defined(
    const std::optional<Uuid>& uuid, const std::optional<std::string>& parent,
    AskScripts ask, const Environment& env)
{
    return list_defined(uuid, parent, ask, env).devices;
}

MDEV_API void ListedDevice::each_defined(const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, AskScripts ask,
    const Environment& env, const ListedDeviceVisitor& visit)
{
    mdev::each_defined(uuid, parent, ask, env, visit);
}

MDEV_API const Definition& ListedDevice::definition() const noexcept
{
    return impl_->definition;
}

MDEV_API bool ListedDevice::is_active() const noexcept
{
    return impl_->active.has_value();
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

MDEV_API std::optional<Framework> ListedDevice::framework() const noexcept
{
    return impl_->active ? impl_->active->framework() : impl_->framework;
}

MDEV_API std::filesystem::path ListedDevice::path() const
{
    return impl_->active ? impl_->active->path() : std::filesystem::path();
}

MDEV_API std::filesystem::path ListedDevice::file() const
{
    if (!is_defined())
        return {};
    return StoredDefinition{definition(), impl_->other_spelling}.path(
        impl_->env);
}

}
