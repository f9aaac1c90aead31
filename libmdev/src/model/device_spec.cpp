// SPDX-License-Identifier: LGPL-2.1-or-later
#include <mdev/device_spec.hpp>
#include <mdev/export.hpp>

namespace mdev {

struct DeviceSpec::Impl {
    std::optional<Uuid> uuid;
    std::optional<std::string> parent;
    std::optional<std::string> type_id;
    StartMode start = StartMode::manual;
};

MDEV_API DeviceSpec::DeviceSpec() : impl_(std::make_shared<const Impl>())
{
}

MDEV_API DeviceSpec& DeviceSpec::uuid(const Uuid& uuid)
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->uuid = uuid;
    impl_ = std::move(changed);
    return *this;
}

MDEV_API DeviceSpec& DeviceSpec::parent(std::string parent)
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->parent = std::move(parent);
    impl_ = std::move(changed);
    return *this;
}

MDEV_API DeviceSpec& DeviceSpec::type_id(std::string type_id)
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->type_id = std::move(type_id);
    impl_ = std::move(changed);
    return *this;
}

MDEV_API DeviceSpec& DeviceSpec::start(StartMode start)
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->start = start;
    impl_ = std::move(changed);
    return *this;
}

MDEV_API const std::optional<Uuid>& DeviceSpec::uuid() const noexcept
{
    return impl_->uuid;
}

MDEV_API const std::optional<std::string>& DeviceSpec::parent() const noexcept
{
    return impl_->parent;
}

MDEV_API const std::optional<std::string>& DeviceSpec::type_id() const noexcept
{
    return impl_->type_id;
}

MDEV_API StartMode DeviceSpec::start() const noexcept
{
    return impl_->start;
}

}
