// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace mdevsim {

/// Unmounts what a killed mdevsim left there. Throws std::system_error if
/// the directory is not one to mount on.
void clean_mountpoint(const std::string& mountpoint);

}
