// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "environment_access.hpp"
#include "mdev_type_impl.hpp"
#include "script.hpp"
#include "users.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>
#include <mdev/device_status.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <stdexcept>

namespace mdev {

struct DeviceStatus::Impl {
    Uuid uuid;
    std::optional<Device> active;
    std::vector<Definition> definitions;
    std::vector<std::filesystem::path> files;
    std::vector<std::string> differences;
    std::optional<MdevType> type;
    std::vector<Attribute> active_attributes;
    std::optional<std::filesystem::path> script;
    std::string iommu_group;
    std::vector<std::filesystem::path> device_files;
    std::vector<std::string> users;

    void add_definitions(const Environment& env);
    void add_kernel(const Environment& env);
    void add_type(const Environment& env);
    void add_script(const Environment& env);
    void compare();
    /// As scripts see the device; there is one to see.
    Definition seen() const;
};

namespace {

/// What cannot be learnt is left out.
template <class Look> void attempt(const Environment& env, Look look)
try {
    look();
} catch (const Error& error) {
    if (error.code() == Errc::cancelled)
        throw;
    env.log(LogLevel::warning, error.what());
}

/// Throws Error unless the answer makes sense.
std::vector<Attribute> attributes_in(
    const CalloutResult& answer, const Environment& env)
{
    const auto path = answer.script().string();
    cancellation(env).check("Asking callout script " + path, path);
    auto reason = answer.reason();
    if (answer.is_accepted())
        try {
            return parse_attributes(answer.output());
        } catch (const std::invalid_argument& error) {
            reason = error.what();
        }
    throw Error(Errc::callout_rejected, path,
        "Callout script " + path +
            " does not say what the device has: " + reason);
}

}

void DeviceStatus::Impl::add_definitions(const Environment& env)
{
    const ConfigStore store(env);
    definitions = store.all_of(uuid);
    if (active)
        std::stable_partition(definitions.begin(), definitions.end(),
            [&](const Definition& definition) {
                return definition.parent() == active->parent();
            });
    for (const auto& definition : definitions)
        files.push_back(store.path(uuid, definition.parent()));
}

void DeviceStatus::Impl::add_kernel(const Environment& env)
{
    const auto directory = Directory::at(active->path());
    if (!directory)
        return;
    if (const auto group = directory->link_target("iommu_group"))
        iommu_group = group->substr(group->rfind('/') + 1);
    for (const auto& file : vfio_files(*directory))
        device_files.emplace_back(file);
    users = users_of(*directory, env.root() / "proc");
}

void DeviceStatus::Impl::add_type(const Environment& env)
{
    const auto device = seen();
    if (const auto parent = ParentDevice::find(device.parent(), env))
        type = parent->type(device.type());
}

void DeviceStatus::Impl::add_script(const Environment& env)
{
    const CalloutEngine engine(env);
    const auto device = seen();
    script = engine.versioned_script(device);
    const auto answer = active
        ? engine.run(CalloutEvent::get, CalloutAction::attributes, device)
        : std::nullopt;
    if (!answer)
        return;
    log_errors(env, *answer);
    active_attributes = attributes_in(*answer, env);
    script = answer->script();
}

void DeviceStatus::Impl::compare()
{
    if (!active || definitions.empty())
        return;
    const auto& stored = definitions.front();
    if (stored.parent() != active->parent())
        differences.emplace_back("parent");
    if (stored.type() != active->type())
        differences.emplace_back("type");
    // Without a script nobody can say what the active device has.
    if (script && stored.attributes() != active_attributes)
        differences.emplace_back("attrs");
}

Definition DeviceStatus::Impl::seen() const
{
    if (!active)
        return definitions.front();
    Definition device(uuid, active->parent(), active->type());
    if (!definitions.empty())
        device.set_start(definitions.front().start());
    return device;
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
    status->active = Device::find(uuid, env);
    status->add_definitions(env);
    if (!status->active && status->definitions.empty())
        return {};
    if (status->active)
        attempt(env, [&] { status->add_kernel(env); });
    attempt(env, [&] { status->add_type(env); });
    attempt(env, [&] { status->add_script(env); });
    status->compare();
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
    object["type"] = device.type();
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
        object.stable_erase(object.find("uuid"));
        object["path"] = status.files()[i].string();
        list.push_back(std::move(object));
    }
    return list;
}

}

MDEV_API std::string status_json(const DeviceStatus& status)
{
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
    document["script"] =
        json::or_null(status.script() ? status.script()->string() : "");
    return json::pretty(document);
}

}
