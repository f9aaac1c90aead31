// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cancellation.hpp"
#include "sysfs.hpp"

#include <mdev/environment.hpp>

#include <memory>

namespace mdev {

/// What the library, and a test with a fake kernel, may see of an Environment
/// beyond its public face.
struct EnvironmentAccess {
    static const Sysfs& sysfs(const Environment& env);
    static Environment with_sysfs(
        const Environment& env, std::shared_ptr<const Sysfs> sysfs);
    static Cancellation cancellation(const Environment& env);
    static bool lock_held(const Environment& env);
};

inline const Sysfs& sysfs(const Environment& env)
{
    return EnvironmentAccess::sysfs(env);
}

inline Cancellation cancellation(const Environment& env)
{
    return EnvironmentAccess::cancellation(env);
}

}
