// SPDX-License-Identifier: LGPL-2.1-or-later
#include "environment_impl.hpp"
#include "name.hpp"

#include <mdev/export.hpp>

namespace mdev {

// An Environment is a value that is passed to every function: the only global
// state are queues for locks. A program that serves several roots, such as the
// tests, has one Environment for each.

namespace {

/// The directories of one kind of scripts in search order: the one that was
/// configured when the library was built, then the deprecated one of mdevctl
/// 1.x in the store, which packages of vendors still use.
std::vector<std::filesystem::path> script_directories(
    const Environment& env, const char* kind)
{
    const std::filesystem::path configured(MDEV_SCRIPT_DIRECTORY);
    std::vector<std::filesystem::path> directories =
        Access::impl(env).script_directories.value_or(
            std::vector<std::filesystem::path>{
                env.root() / configured.relative_path(),
                env.definitions_directory() / deprecated_scripts});
    for (auto& directory : directories)
        directory /= kind;
    return directories;
}

}

MDEV_API Environment::Environment() : Environment("/")
{
}

MDEV_API Environment::Environment(std::filesystem::path root)
{
    Impl impl;
    // A relative path would be taken from wherever the process happens to be,
    // and root would run the scripts of that directory.
    impl.root = root.empty() ? "/" : std::move(root);
    impl.sysfs = std::make_shared<Sysfs>();
    impl_ = std::make_shared<Impl>(std::move(impl));
}

Environment::Environment(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API Environment Environment::with_root(std::filesystem::path root) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->root = root.empty() ? "/" : std::move(root);
    return Environment(std::move(changed));
}

MDEV_API Environment Environment::with_config_directory(
    std::filesystem::path directory) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->config_directory = std::move(directory);
    return Environment(std::move(changed));
}

MDEV_API Environment Environment::with_script_directories(
    std::vector<std::filesystem::path> directories) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->script_directories = std::move(directories);
    return Environment(std::move(changed));
}

MDEV_API Environment Environment::with_log(LogFunction log) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->log = std::move(log);
    return Environment(std::move(changed));
}

MDEV_API Environment Environment::with_lock_timeout(
    std::chrono::milliseconds limit) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->lock_timeout = limit;
    return Environment(std::move(changed));
}

MDEV_API Environment Environment::with_script_timeout(
    std::chrono::milliseconds limit) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->script_timeout = limit;
    return Environment(std::move(changed));
}

MDEV_API Environment Environment::with_callout_lock_timeout(
    std::chrono::milliseconds limit) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->callout_lock_timeout = limit;
    return Environment(std::move(changed));
}

MDEV_API Environment Environment::with_cancel(int descriptor) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->cancel = descriptor;
    return Environment(std::move(changed));
}

MDEV_API Environment Environment::with_deadline(
    std::chrono::steady_clock::time_point deadline) const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->deadline = Deadline(deadline);
    return Environment(std::move(changed));
}

MDEV_API Environment Environment::with_lock_held() const
{
    auto changed = std::make_shared<Impl>(*impl_);
    changed->lock_held = true;
    return Environment(std::move(changed));
}

MDEV_API void Environment::log(LogLevel level, std::string_view message) const
{
    if (impl_->log)
        impl_->log(level, message);
}

MDEV_API const std::filesystem::path& Environment::root() const noexcept
{
    return impl_->root;
}

MDEV_API std::filesystem::path Environment::parents_directory() const
{
    return impl_->root / "sys/class/mdev_bus";
}

MDEV_API std::filesystem::path Environment::devices_directory() const
{
    return impl_->root / "sys/bus/mdev/devices";
}

MDEV_API std::filesystem::path Environment::definitions_directory() const
{
    const auto& directory = impl_->config_directory;
    return directory.empty() ? impl_->root / "etc/mdevctl.d" : directory;
}

MDEV_API std::vector<std::filesystem::path>
Environment::callout_directories() const
{
    return script_directories(*this, "callouts");
}

MDEV_API std::vector<std::filesystem::path>
Environment::notifier_directories() const
{
    return script_directories(*this, "notifiers");
}

MDEV_API std::chrono::milliseconds Environment::lock_timeout() const noexcept
{
    return impl_->lock_timeout;
}

MDEV_API std::chrono::milliseconds Environment::script_timeout() const noexcept
{
    return impl_->script_timeout;
}

MDEV_API std::chrono::milliseconds
Environment::callout_lock_timeout() const noexcept
{
    return impl_->callout_lock_timeout;
}

}
