// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
#include "cancellation.hpp"
#include "sysfs.hpp"

#include <mdev/environment.hpp>

#include <memory>

namespace mdev {

struct Environment::Impl {
    std::filesystem::path root;
    LogFunction log;
    std::chrono::milliseconds lock_timeout = std::chrono::seconds(60);
    std::chrono::milliseconds script_timeout = std::chrono::seconds(60);
    std::chrono::milliseconds callout_lock_timeout = std::chrono::minutes(10);
    int cancel = -1;
    bool lock_held = false;
    /// Shared by all copies; a test puts a fake kernel here.
    std::shared_ptr<const Sysfs> sysfs;
};

inline const Sysfs& sysfs(const Environment& env)
{
    return *Access::impl(env).sysfs;
}

inline Cancellation cancellation(const Environment& env)
{
    return Cancellation(Access::impl(env).cancel);
}

/// Whether the program was started by a script whose caller holds the store's
/// lock: waiting for the lock would be waiting for the caller itself.
inline bool is_lock_held_by_caller(const Environment& env)
{
    return Access::impl(env).lock_held;
}

inline Environment with_sysfs(
    const Environment& env, std::shared_ptr<const Sysfs> sysfs)
{
    auto changed = Access::impl(env);
    changed.sysfs = std::move(sysfs);
    return Access::make<Environment>(std::move(changed));
}

}
