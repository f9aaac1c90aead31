// SPDX-License-Identifier: LGPL-2.1-or-later
#include "access_checks.hpp"

#include "config_store_impl.hpp"
#include "sysfs.hpp"

namespace mdev {

void check_store_access(const Environment& env)
{
    // The directory in which the first of the missing ones would be made.
    auto path = env.definitions_directory();
    std::error_code ignored;
    while (!std::filesystem::exists(path, ignored) && path.has_relative_path())
        path = path.parent_path();
    check_writable(path);
    check_lock(env);
}

}
