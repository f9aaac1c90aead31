// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/device.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mdev {

// The one definition of "differs": for active devices (`list --json`, `show`)
// and for definitions (`modify`, `apply`, --if-needed). The words are part of
// the JSON formats that mdevctl(8) describes.

/// The known state of an active device.
struct ActiveState {
    std::string type_id;
    /// Nothing if no script has reported the device's attributes. The kernel
    /// does not show them, and unknown attributes do not count as a difference.
    std::optional<std::vector<Attribute>> attributes;
    /// Whether its start was ended before it had all attributes; see
    /// StartProgress::ended.
    bool is_unfinished = false;
};

/// In what an active device differs from its definition, which is the one under
/// its own parent: `type`, `attrs`.
std::vector<std::string> differences(
    const ActiveState& active, const Definition& stored);

/// Whether the active device of a definition's UUID has its parent and type.
/// Attributes are not compared: the kernel does not show them.
bool is_as_defined(const Device& device, const Definition& definition);

/// In what two definitions of one device differ: `type`, `start`, `attrs`,
/// `others`.
std::vector<std::string> differences(const Definition& a, const Definition& b);

}
