// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_user_impl.hpp"

#include <mdev/export.hpp>

namespace mdev {

DeviceUser::DeviceUser(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API int DeviceUser::pid() const noexcept
{
    return impl_->pid;
}

MDEV_API const std::string& DeviceUser::command() const noexcept
{
    return impl_->command;
}

std::string describe(const DeviceUser& user)
{
    return "process " + std::to_string(user.pid()) +
        (user.command().empty() ? "" : " (" + user.command() + ")");
}

}
