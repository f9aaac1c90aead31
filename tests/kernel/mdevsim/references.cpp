// SPDX-License-Identifier: LGPL-2.1-or-later
#include "references.hpp"

namespace mdevsim {

namespace {

// FUSE_ROOT_ID. The kernel knows this node without a lookup.
constexpr std::uint64_t root_number = 1;

}

Inodes::Inodes(NodePtr root) : root_(std::move(root))
{
}

NodePtr Inodes::find(std::uint64_t number) const
{
    if (number == root_number)
        return root_;
    std::lock_guard lock(mutex_);
    auto found = known_.find(number);
    return found == known_.end() ? nullptr : found->second.node;
}

void Inodes::remember(const NodePtr& node)
{
    std::lock_guard lock(mutex_);
    auto& known = known_[node->number()];
    known.node = node;
    ++known.references;
}

void Inodes::forget(std::uint64_t number, std::uint64_t references)
{
    std::lock_guard lock(mutex_);
    auto found = known_.find(number);
    if (found == known_.end())
        return;
    if (found->second.references > references)
        found->second.references -= references;
    else
        known_.erase(found);
}

}
