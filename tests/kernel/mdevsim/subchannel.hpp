// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "node.hpp"

#include <string>

namespace mdevsim {

/// The files of the css bus and vfio_ccw for an s390 subchannel, beside the
/// files of all parents. The device of the subchannel has the number after the
/// subchannel's.
void add_subchannel_files(Node& directory, const std::string& name);

/// Returns the text of a subchannel's uevent file.
std::string subchannel_uevent();

}
