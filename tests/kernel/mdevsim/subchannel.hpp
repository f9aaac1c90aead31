// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "node.hpp"

#include <string>

namespace mdevsim {

/// What the css bus and vfio_ccw show of an s390 subchannel, besides what all
/// parents have. The device behind it has the number after the subchannel's.
void add_subchannel_files(Node& directory, const std::string& name);

/// What a subchannel's uevent file says.
std::string subchannel_uevent();

}
