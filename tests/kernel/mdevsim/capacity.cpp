// SPDX-License-Identifier: LGPL-2.1-or-later
#include "capacity.hpp"

#include <algorithm>
#include <climits>

namespace mdevsim {

Capacity::Capacity(const Profile& profile)
    : profile_(profile),
      left_(profile.resources),
      used_(profile.types.size())
{
}

unsigned Capacity::available(std::size_t type) const
{
    const auto& wanted = profile_.types[type];
    if (profile_.sharing == Sharing::pool)
        return affordable(wanted);
    if (is_ruled_out(type))
        return 0;
    return wanted.limit - used_[type];
}

unsigned Capacity::affordable(const TypeProfile& type) const
{
    unsigned count = UINT_MAX;
    for (std::size_t i = 0; i < left_.size(); ++i)
        count = std::min(count, left_[i] / type.cost[i]);
    return count;
}

bool Capacity::is_ruled_out(std::size_t type) const
{
    if (profile_.sharing != Sharing::homogeneous)
        return false;
    auto all = used_;
    all[type] = 0;
    return std::any_of(
        all.begin(), all.end(), [](unsigned used) { return used > 0; });
}

bool Capacity::take(std::size_t type)
{
    if (available(type) == 0)
        return false;
    ++used_[type];
    for (std::size_t i = 0; i < left_.size(); ++i)
        left_[i] -= profile_.types[type].cost[i];
    return true;
}

void Capacity::give_back(std::size_t type)
{
    --used_[type];
    for (std::size_t i = 0; i < left_.size(); ++i)
        left_[i] += profile_.types[type].cost[i];
}

}
