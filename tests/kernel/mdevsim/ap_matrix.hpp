// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <bitset>
#include <string>

namespace mdevsim {

/// The crypto adapters and domains of a vfio_ap device.
class ApMatrix {
public:
    using Ids = std::bitset<256>;

    Ids adapters;
    Ids domains;
    Ids control_domains;

    /// Returns "05.0004
    /// 05.00ab
    /// "; without domains "05.
    /// ", without adapters ".0004
    /// ".
    std::string text() const;
    std::string control_domains_text() const;
    /// Returns the three sets as masks; bit 0 is leftmost.
    std::string config_text() const;
    /// Returns 0 or EINVAL. After EINVAL nothing has changed.
    int set_config(const std::string& text);

    /// Returns whether both have the same domain of the same adapter.
    bool overlaps(const ApMatrix& other) const;
};

/// Returns 0, or the error of the kernel: EINVAL for text that is not a number,
/// ENODEV for a number above 255.
int parse_ap_id(const std::string& text, std::size_t& id);

}
