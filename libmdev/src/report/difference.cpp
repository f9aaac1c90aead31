// SPDX-License-Identifier: LGPL-2.1-or-later
#include "difference.hpp"

#include "definition_impl.hpp"

namespace mdev {

std::vector<std::string> differences(
    const ActiveState& active, const Definition& stored)
{
    std::vector<std::string> found;
    if (active.type_id != stored.type_id())
        found.emplace_back("type");
    // The order counts: it is the order in which attributes are written, and
    // some drivers depend on it.
    if (active.is_unfinished ||
        (active.attributes && *active.attributes != stored.attributes()))
        found.emplace_back("attrs");
    return found;
}

bool is_as_defined(const Device& device, const Definition& definition)
{
    return device.parent() == definition.parent() &&
        device.type_id() == definition.type_id();
}

std::vector<std::string> differences(const Definition& a, const Definition& b)
{
    std::vector<std::string> found;
    if (a.type_id() != b.type_id())
        found.emplace_back("type");
    if (a.start() != b.start())
        found.emplace_back("start");
    if (a.attributes() != b.attributes())
        found.emplace_back("attrs");
    if (unknown_members(a) != unknown_members(b))
        found.emplace_back("others");
    return found;
}

}
