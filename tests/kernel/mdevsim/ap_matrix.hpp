// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <bitset>
#include <string>

namespace mdevsim {

/// The crypto adapters and domains that a vfio_ap device passes on.
class ApMatrix {
public:
    using Ids = std::bitset<256>;

    Ids adapters;
    Ids domains;
    Ids control_domains;

    /// "05.0004\n05.00ab\n"; without domains "05.\n", without adapters
    /// ".0004\n".
    std::string text() const;
    std::string control_domains_text() const;
    /// The three sets as masks; bit 0 is leftmost.
    std::string config_text() const;
    /// 0 or EINVAL, then nothing has changed.
    int set_config(const std::string& text);

    /// Whether both have the same domain of the same adapter.
    bool overlaps(const ApMatrix& other) const;
};

/// 0, or like the kernel: EINVAL if it is not a number, ENODEV above 255.
int parse_ap_id(const std::string& text, std::size_t& id);

}
