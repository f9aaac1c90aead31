// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// What an active device is, as far as it is known.
struct ActiveState {
    std::string parent;
    std::string type_id;
    /// Nothing where no script has said what the device has: what is not known
    /// is no difference.
    std::optional<std::vector<Attribute>> attributes;
};

/// In what an active device differs from its definition: `parent`, `type`,
/// `attrs`.
std::vector<std::string> differences(
    const ActiveState& active, const Definition& stored);

/// In what two definitions of one device differ: `type`, `start`, `attrs`,
/// `others`.
std::vector<std::string> differences(const Definition& a, const Definition& b);

}
