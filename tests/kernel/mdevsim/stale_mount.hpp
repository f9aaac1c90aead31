// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace mdevsim {

/// Unmounts a mount that a killed mdevsim has left. Throws std::system_error if
/// no file system can be mounted on the directory.
void clean_mountpoint(const std::string& mountpoint);

}
