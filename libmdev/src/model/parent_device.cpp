// SPDX-License-Identifier: LGPL-2.1-or-later
#include "json.hpp"
#include "kernel_interface.hpp"
#include "name.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>

namespace mdev {

struct ParentDevice::Impl {
    const KernelInterface* kernel;
    Environment env;
    std::string name;
};

namespace {

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

ParentDevice::ParentDevice(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API std::optional<ParentDevice> ParentDevice::find(
    std::string_view name, const Environment& env)
{
    check_parent_name(name);
    Impl impl{nullptr, env, std::string(name)};
    impl.kernel = interface_of(env, impl.name);
    if (!impl.kernel)
        return {};
    return ParentDevice(std::make_shared<const Impl>(std::move(impl)));
}

MDEV_API std::vector<ParentDevice> ParentDevice::all(const Environment& env)
{
    std::vector<ParentDevice> parents;
    for (const auto* kernel : kernel_interfaces())
        for (auto& name : kernel->parents(env))
            parents.push_back(ParentDevice(std::make_shared<const Impl>(
                Impl{kernel, env, std::move(name)})));
    std::sort(parents.begin(), parents.end(),
        [](const ParentDevice& a, const ParentDevice& b) {
            return a.name() < b.name();
        });
    return parents;
}

MDEV_API const std::string& ParentDevice::name() const noexcept
{
    return impl_->name;
}

MDEV_API std::vector<MdevType> ParentDevice::types() const
{
    auto types = impl_->kernel->types(impl_->env, impl_->name);
    std::sort(types.begin(), types.end(),
        [](const MdevType& a, const MdevType& b) { return a.id() < b.id(); });
    return types;
}

MDEV_API std::optional<MdevType> ParentDevice::type(std::string_view id) const
{
    check_type_name(id);
    return impl_->kernel->type(impl_->env, impl_->name, std::string(id));
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
