// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "config_store_impl.hpp"
#include "definition_impl.hpp"
#include "device_users.hpp"
#include "difference.hpp"
#include "environment_impl.hpp"
#include "mdev_type_impl.hpp"
#include "unfinished_start.hpp"

#include <mdev/device_status.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>

namespace mdev {

// Everything about one device, for `mdevctl show`. Kernel, store, /proc and
// scripts are asked one after the other; the state may change in between, so
// that the result is not a consistent snapshot. A source that fails is omitted
// with a warning: if something is broken, a partial report is better than no
// report.

struct DeviceStatus::Impl {
    Uuid uuid;
    std::optional<Device> active;
    std::vector<Definition> definitions;
    std::vector<std::filesystem::path> files;
    std::vector<std::string> differences;
    std::optional<MdevType> type;
    std::optional<Framework> framework;
    std::vector<Attribute> active_attributes;
    bool knows_attributes = false;
    std::optional<std::filesystem::path> script;
    std::string iommu_group;
    std::vector<std::filesystem::path> device_files;
    std::vector<std::string> users;

    void add_definitions(const Environment& env);
    void add_kernel();
    void add_type(const Environment& env);
    void add_script(const Environment& env);
    void compare(const Environment& env);
    /// The device for its scripts: the active one, else the first definition.
    ScriptSubject subject() const;
};

void DeviceStatus::Impl::add_definitions(const Environment& env)
{
    auto stored = stored_definitions(env, uuid, {}).definitions;
    if (active)
        // The definition that belongs to the active device comes first:
        // differences() and the JSON format rely on that.
        std::stable_partition(
            stored.begin(), stored.end(), [&](const StoredDefinition& one) {
                return one.definition.parent() == active->parent();
            });
    for (auto& one : stored) {
        files.push_back(one.path(env));
        definitions.push_back(std::move(one.definition));
    }
    // The broken definitions follow; the log has the reasons.
    attempt(env, LogLevel::info, [&] {
        for (const auto& file : find_files(env, uuid, {}))
            if (std::find(files.begin(), files.end(), file.path()) ==
                files.end())
                files.push_back(file.path());
    });
}

void DeviceStatus::Impl::add_kernel()
{
    iommu_group = active->iommu_group();
    device_files = active->device_files();
    for (const auto& user : active->users())
        users.push_back(describe(user));
}

void DeviceStatus::Impl::add_type(const Environment& env)
{
    const auto device = subject();
    if (const auto parent = ParentDevice::find(device.parent, env)) {
        framework = parent->framework();
        type = parent->type(device.type_id);
    }
}

void DeviceStatus::Impl::add_script(const Environment& env)
{
    const CalloutEngine engine(env);
    const auto device = subject();
    if (const auto choice = Access::impl(engine).choose(device);
        choice.versioned)
        script = choice.versioned->script;
    if (!active)
        return;
    // The script that answers for attributes is reported, even if its answer is
    // invalid: the user must know which script to correct.
    auto known =
        Access::impl(engine).attributes(device, LogLevel::warning, &script);
    knows_attributes = known.has_value();
    active_attributes = std::move(known).value_or(std::vector<Attribute>());
}

void DeviceStatus::Impl::compare(const Environment& env)
{
    // A definition under another parent belongs to another device; see
    // ListedDevice.
    if (!active || definitions.empty() ||
        definitions.front().parent() != active->parent())
        return;
    ActiveState state{active->type_id(), {},
        start_progress(env, *active) == StartProgress::ended};
    if (knows_attributes)
        state.attributes = active_attributes;
    differences = mdev::differences(state, definitions.front());
}

ScriptSubject DeviceStatus::Impl::subject() const
{
    if (!active)
        return definitions.front();
    return ScriptSubject(*active,
        definitions.empty() ? StartMode::manual : definitions.front().start());
}

DeviceStatus::DeviceStatus(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API std::optional<DeviceStatus> DeviceStatus::find(
    const Uuid& uuid, const Environment& env)
{
    auto status = std::make_shared<Impl>();
    status->uuid = uuid;
    std::optional<Error> failure;
    try {
        status->active = Device::find(uuid, env);
    } catch (const Error& error) {
        failure = error;
    }
    status->add_definitions(env);
    if (failure && status->definitions.empty())
        throw *failure;
    if (failure)
        env.log(LogLevel::warning, failure->what());
    if (!status->active && status->definitions.empty())
        return {};
    if (status->active)
        attempt(env, LogLevel::warning, [&] { status->add_kernel(); });
    attempt(env, LogLevel::warning, [&] { status->add_type(env); });
    attempt(env, LogLevel::warning, [&] { status->add_script(env); });
    status->compare(env);
    return DeviceStatus(std::move(status));
}

MDEV_API const Uuid& DeviceStatus::uuid() const noexcept
{
    return impl_->uuid;
}

MDEV_API const std::optional<Device>& DeviceStatus::active() const noexcept
{
    return impl_->active;
}

MDEV_API const std::vector<Definition>&
DeviceStatus::definitions() const noexcept
{
    return impl_->definitions;
}

MDEV_API const std::vector<std::filesystem::path>&
DeviceStatus::files() const noexcept
{
    return impl_->files;
}

MDEV_API const std::vector<std::string>&
DeviceStatus::differences() const noexcept
{
    return impl_->differences;
}

MDEV_API const std::optional<MdevType>& DeviceStatus::type() const noexcept
{
    return impl_->type;
}

MDEV_API std::optional<Framework> DeviceStatus::framework() const noexcept
{
    return impl_->framework;
}

MDEV_API const std::vector<Attribute>&
DeviceStatus::active_attributes() const noexcept
{
    return impl_->active_attributes;
}

MDEV_API const std::optional<std::filesystem::path>&
DeviceStatus::script() const noexcept
{
    return impl_->script;
}

MDEV_API const std::string& DeviceStatus::iommu_group() const noexcept
{
    return impl_->iommu_group;
}

MDEV_API const std::vector<std::filesystem::path>&
DeviceStatus::device_files() const noexcept
{
    return impl_->device_files;
}

MDEV_API const std::vector<std::string>& DeviceStatus::users() const noexcept
{
    return impl_->users;
}

namespace {

json::object active_json(const DeviceStatus& status)
{
    const auto& device = *status.active();
    json::object object;
    object["parent"] = device.parent();
    object["type"] = device.type_id();
    object["attrs"] = attributes_json(status.active_attributes());
    object["path"] = device.path().string();
    object["iommu_group"] = status.iommu_group();
    object["device_files"] = json::strings(status.device_files());
    object["users"] = json::strings(status.users());
    return object;
}

json::array definitions_json(const DeviceStatus& status)
{
    json::array list;
    for (std::size_t i = 0; i < status.definitions().size(); ++i) {
        const auto& definition = status.definitions()[i];
        auto object = flat_json(definition);
        // The UUID is a member of the whole JSON object. stable_erase() keeps
        // the order of the others; erase() does not.
        object.stable_erase(object.find("uuid"));
        object["path"] = status.files()[i].string();
        list.push_back(std::move(object));
    }
    return list;
}

}

MDEV_API std::string DeviceStatus::to_json() const
{
    const auto& status = *this;
    json::object document;
    document["version"] = 1;
    document["uuid"] = status.uuid().string();
    document["active"] = nullptr;
    if (status.active())
        document["active"] = active_json(status);
    document["defined"] = definitions_json(status);
    document["differs"] = json::strings(status.differences());
    document["type"] = nullptr;
    if (status.type())
        document["type"] = flat_json(*status.type());
    document["framework"] = nullptr;
    if (const auto framework = status.framework())
        document["framework"] = word(*framework);
    document["script"] =
        json::or_null(status.script() ? status.script()->string() : "");
    return json::pretty(document);
}

}
