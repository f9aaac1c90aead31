// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/environment.hpp>
#include <mdev/export.hpp>

#include <mdev.h>

namespace {

/// A listener that says it to a caller's function.
mdev::LogFunction listener(mdev_log_function log, void* user_data)
{
    if (!log)
        return {};
    return [log, user_data](mdev::LogLevel level, std::string_view message) {
        const auto number = static_cast<int>(level);
        try {
            log(number, std::string(message).c_str(), user_data);
        } catch (const std::bad_alloc&) {
            log(number, "Out of memory for a message", user_data);
        }
    };
}

std::vector<std::string> texts(const std::vector<std::filesystem::path>& paths)
{
    return {paths.begin(), paths.end()};
}

const mdev::Environment& value_of(const mdev_environment* env)
{
    return require(env, "env").value;
}

}

MDEV_API int mdev_environment_new(const char* root, mdev_environment** made)
{
    return make(
        made, "made", [&] { return mdev::Environment(root ? root : "/"); });
}

MDEV_API int mdev_environment_copy(
    const mdev_environment* env, mdev_environment** copied)
{
    return copy(env, copied);
}

MDEV_API void mdev_environment_free(mdev_environment* env)
{
    delete env;
}

MDEV_API int mdev_environment_with_root(
    const mdev_environment* env, const char* root, mdev_environment** changed)
{
    return make(changed, "changed",
        [&] { return value_of(env).with_root(require_text(root, "root")); });
}

MDEV_API int mdev_environment_with_log(const mdev_environment* env,
    mdev_log_function log, void* user_data, mdev_environment** changed)
{
    return make(changed, "changed",
        [&] { return value_of(env).with_log(listener(log, user_data)); });
}

MDEV_API int mdev_environment_with_lock_timeout(
    const mdev_environment* env, long milliseconds, mdev_environment** changed)
{
    return make(changed, "changed", [&] {
        return value_of(env).with_lock_timeout(require_time(milliseconds));
    });
}

MDEV_API int mdev_environment_with_script_timeout(
    const mdev_environment* env, long milliseconds, mdev_environment** changed)
{
    return make(changed, "changed", [&] {
        return value_of(env).with_script_timeout(require_time(milliseconds));
    });
}

MDEV_API int mdev_environment_with_turn_timeout(
    const mdev_environment* env, long milliseconds, mdev_environment** changed)
{
    return make(changed, "changed", [&] {
        return value_of(env).with_callout_lock_timeout(
            require_time(milliseconds));
    });
}

MDEV_API int mdev_environment_with_cancel(
    const mdev_environment* env, int descriptor, mdev_environment** changed)
{
    return make(changed, "changed", [&] {
        if (descriptor < -1)
            throw_bad_argument("descriptor", "must not be below -1");
        return value_of(env).with_cancel(descriptor);
    });
}

MDEV_API int mdev_environment_with_lock_held(
    const mdev_environment* env, mdev_environment** changed)
{
    return make(
        changed, "changed", [&] { return value_of(env).with_lock_held(); });
}

MDEV_API int mdev_environment_log(
    const mdev_environment* env, int level, const char* message)
{
    return guard([&] {
        value_of(env).log(require_enum(level, mdev::LogLevel::trace, "level"),
            require_text(message, "message"));
    });
}

MDEV_API const char* mdev_environment_root(const mdev_environment* env)
{
    return guard_pointer([&] { return value_of(env).root().c_str(); });
}

MDEV_API const char* mdev_environment_parents_directory(
    const mdev_environment* env)
{
    return guard_pointer(
        [&] { return require(env, "env").parents_directory.c_str(); });
}

MDEV_API const char* mdev_environment_devices_directory(
    const mdev_environment* env)
{
    return guard_pointer(
        [&] { return require(env, "env").devices_directory.c_str(); });
}

MDEV_API const char* mdev_environment_definitions_directory(
    const mdev_environment* env)
{
    return guard_pointer(
        [&] { return require(env, "env").definitions_directory.c_str(); });
}

MDEV_API int mdev_environment_callout_directories(
    const mdev_environment* env, mdev_string_list** directories)
{
    return make(directories, "directories",
        [&] { return texts(value_of(env).callout_directories()); });
}

MDEV_API int mdev_environment_notifier_directories(
    const mdev_environment* env, mdev_string_list** directories)
{
    return make(directories, "directories",
        [&] { return texts(value_of(env).notifier_directories()); });
}

MDEV_API long mdev_environment_lock_timeout(const mdev_environment* env)
{
    return guard_number([&]() -> long {
        return static_cast<long>(value_of(env).lock_timeout().count());
    });
}

MDEV_API long mdev_environment_script_timeout(const mdev_environment* env)
{
    return guard_number([&]() -> long {
        return static_cast<long>(value_of(env).script_timeout().count());
    });
}

MDEV_API long mdev_environment_turn_timeout(const mdev_environment* env)
{
    return guard_number([&]() -> long {
        return static_cast<long>(value_of(env).callout_lock_timeout().count());
    });
}
