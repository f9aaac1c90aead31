// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "host_state_impl.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

namespace mdev {

HostDevice::HostDevice(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API HostDevice::HostDevice(const Definition& definition)
    : impl_(std::make_shared<const Impl>(
          Impl{{definition, true, {}, !unknown_members(definition).empty()}}))
{
}

MDEV_API HostDevice& HostDevice::defined(bool is_defined)
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->entry.is_defined = is_defined;
    impl_ = std::move(changed);
    return *this;
}

MDEV_API HostDevice& HostDevice::activity(Activity activity)
{
    auto changed = std::make_shared<Impl>(*impl_);
    auto& entry = changed->entry;
    entry.is_left = activity == Activity::unknown;
    entry.is_active.reset();
    if (activity == Activity::active || activity == Activity::inactive)
        entry.is_active = activity == Activity::active;
    impl_ = std::move(changed);
    return *this;
}

MDEV_API const Definition& HostDevice::definition() const noexcept
{
    return impl_->entry.definition;
}

MDEV_API const std::string& HostDevice::name() const noexcept
{
    return impl_->entry.name;
}

MDEV_API bool HostDevice::is_defined() const noexcept
{
    return impl_->entry.is_defined;
}

MDEV_API Activity HostDevice::activity() const noexcept
{
    const auto& entry = impl_->entry;
    if (entry.is_active)
        return *entry.is_active ? Activity::active : Activity::inactive;
    return entry.is_left ? Activity::unknown : Activity::by_start_mode;
}

namespace {

std::vector<HostEntry> entries_of(const std::vector<HostDevice>& devices)
{
    std::vector<HostEntry> entries;
    entries.reserve(devices.size());
    for (const auto& device : devices)
        entries.push_back(Access::impl(device).entry);
    check_unique(entries);
    return entries;
}

}

MDEV_API HostState::HostState(const std::vector<HostDevice>& devices)
    : impl_(std::make_shared<const Impl>(Impl{entries_of(devices)}))
{
}

MDEV_API std::vector<HostDevice> HostState::devices() const
{
    std::vector<HostDevice> devices;
    devices.reserve(impl_->entries.size());
    for (const auto& entry : impl_->entries)
        devices.push_back(Access::make<HostDevice>({entry}));
    return devices;
}

}
