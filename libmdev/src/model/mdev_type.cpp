// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel_interface.hpp"

#include <mdev/export.hpp>

namespace mdev {

MdevType::MdevType(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API const std::string& MdevType::id() const noexcept
{
    return impl_->id;
}

MDEV_API const std::string& MdevType::parent() const noexcept
{
    return impl_->parent;
}

MDEV_API std::int64_t MdevType::available_instances() const noexcept
{
    return impl_->available_instances;
}

MDEV_API const std::string& MdevType::device_api() const noexcept
{
    return impl_->device_api;
}

MDEV_API const std::string& MdevType::name() const noexcept
{
    return impl_->name;
}

MDEV_API const std::string& MdevType::description() const noexcept
{
    return impl_->description;
}

MDEV_API std::filesystem::path MdevType::path() const
{
    return impl_->kernel->type_path(*impl_);
}

MDEV_API Device MdevType::create(const Uuid& uuid) const
{
    impl_->kernel->create(*this, uuid);
    return known_device(
        *impl_->kernel, impl_->env, uuid, impl_->parent, impl_->id);
}

json::object flat_json(const MdevType& type)
{
    json::object object;
    object["id"] = type.id();
    object["name"] = type.name();
    object["description"] = type.description();
    object["device_api"] = type.device_api();
    object["available_instances"] = type.available_instances();
    return object;
}

}
