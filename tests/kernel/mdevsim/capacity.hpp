// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "profiles.hpp"

namespace mdevsim {

/// Counts how many devices of each type a parent can still create.
class Capacity {
public:
    explicit Capacity(const Profile& profile);

    unsigned available(std::size_t type) const;
    /// Uses an instance. Returns false if none is available.
    bool take(std::size_t type);
    void give_back(std::size_t type);

private:
    unsigned affordable(const TypeProfile& type) const;
    bool is_ruled_out(std::size_t type) const;

    const Profile& profile_;
    std::vector<unsigned> left_; ///< of each resource
    std::vector<unsigned> used_; ///< of each type
};

}
