// SPDX-License-Identifier: LGPL-2.1-or-later
#include "card.hpp"
#include "environment_impl.hpp"
#include "json.hpp"
#include "kernel_interface.hpp"
#include "name.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <tuple>

namespace mdev {

struct ParentDevice::Impl {
    const KernelInterface* kernel;
    Environment env;
    std::string name;

    std::filesystem::path path() const
    {
        return kernel->parent_path(env, name);
    }
    /// Throws Error (Errc::no_such_parent) if the parent has disappeared.
    Directory directory() const;
    /// The name of what a link in the parent's directory leads to; empty if
    /// there is no such link.
    std::string linked_name(const std::string& link) const;
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

Directory ParentDevice::Impl::directory() const
{
    if (auto found = Directory::at(path()))
        return std::move(*found);
    throw Error(
        Errc::no_such_parent, name, "Parent " + name + " no longer exists");
}

std::string ParentDevice::Impl::linked_name(const std::string& link) const
{
    const auto target = directory().link_target(link).value_or("");
    return target.substr(target.rfind('/') + 1);
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
    std::sort(parents.begin(), parents.end());
    if (parents.empty())
        for (const auto& card : empty_cards(env))
            env.log(LogLevel::warning, card.sentence());
    return parents;
}

MDEV_API const std::string& ParentDevice::name() const noexcept
{
    return impl_->name;
}

MDEV_API std::filesystem::path ParentDevice::path() const
{
    return impl_->path();
}

MDEV_API std::filesystem::path ParentDevice::real_path() const
{
    return real_path_of(impl_->directory());
}

MDEV_API std::string ParentDevice::driver() const
{
    return impl_->linked_name("driver");
}

MDEV_API std::string ParentDevice::subsystem() const
{
    return impl_->linked_name("subsystem");
}

MDEV_API std::vector<std::string> ParentDevice::other_names() const
{
    // The css bus says "none" if there is no device behind the subchannel.
    const auto id = Sysfs::read(impl_->directory(), "dev_busid");
    if (!id || id->empty() || *id == "none")
        return {};
    return {*id};
}

MDEV_API std::vector<Device> ParentDevice::devices() const
{
    auto devices = impl_->kernel->devices_of(impl_->env, impl_->name);
    std::sort(devices.begin(), devices.end());
    return devices;
}

MDEV_API Framework ParentDevice::framework() const noexcept
{
    return impl_->kernel->framework();
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

auto order(const ParentDevice& parent)
{
    const auto& impl = Access::impl(parent);
    return std::tie(impl.name, impl.env.root());
}

}

MDEV_API bool operator==(const ParentDevice& a, const ParentDevice& b) noexcept
{
    return order(a) == order(b);
}

MDEV_API bool operator!=(const ParentDevice& a, const ParentDevice& b) noexcept
{
    return !(a == b);
}

MDEV_API bool operator<(const ParentDevice& a, const ParentDevice& b) noexcept
{
    return order(a) < order(b);
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
            object["framework"] = word(parent.framework());
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
