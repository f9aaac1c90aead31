// SPDX-License-Identifier: LGPL-2.1-or-later
#include <mdev/export.hpp>
#include <mdev/version.hpp>

namespace mdev {

MDEV_API const char* version() noexcept
{
    return MDEV_VERSION;
}

}
