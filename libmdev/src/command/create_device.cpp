// SPDX-License-Identifier: LGPL-2.1-or-later
#include "create_device.hpp"

#include "device_impl.hpp"
#include "difference.hpp"
#include "environment_impl.hpp"
#include "removal.hpp"
#include "start_checks.hpp"
#include "unfinished_start.hpp"

#include <mdev/error.hpp>
#include <mdev/mdev_type.hpp>

namespace mdev {

namespace {

using std::chrono::milliseconds;

/// Removes a device that did not get all its attributes. Throws the first
/// error, and adds the error of the removal. `directory` is the device's
/// directory, opened when the device was created; nothing if it could not be
/// opened.
[[noreturn]] void roll_back(const Device& device,
    const std::optional<Directory>& directory, StartNote& note,
    const Error& first)
{
    std::string message = first.what();
    try {
        if (directory)
            Access::impl(device).remove(*directory, milliseconds::max());
        else
            device.remove();
    } catch (const Error& second) {
        if (second.code() == Errc::not_active)
            throw first;
        note.keep();
        message += std::string("; removing the device again also failed: ") +
            second.what();
    }
    throw Error(first.code(), first.cause(), first.subject(), message);
}

/// Removes the device if a killed command has left it behind. The check and the
/// removal use one open directory, under the lock of the note: a device that
/// another process has created again is another one. Returns whether the device
/// was removed. Throws Error (Errc::in_use) if a process has the device open:
/// its removal would wait for that process.
bool remove_half_made(
    const Environment& env, const Device& device, const StartNote& note)
{
    const auto directory = Access::impl(device).find_directory();
    if (!directory || !note.was_about(*directory))
        return false;
    auto users = device.users();
    if (!users.empty())
        throw in_use_error(device.uuid(), std::move(users),
            " and lacks attributes: it cannot be created again before it is "
            "closed");
    env.log(LogLevel::warning,
        "Creating device " + device.uuid().string() + " on " + device.parent() +
            " again: the command that started it was killed before all "
            "attributes were written");
    Access::impl(device).remove(*directory, milliseconds::max());
    return true;
}

void create(const Definition& definition, const MdevType& type, StartNote& note)
{
    note.begin();
    const auto device = type.create(definition.uuid());
    // The directory is opened once. Before the end, another process may remove
    // the device and start the UUID on another parent. With a path, this
    // command would then write its attributes to that process's device, and
    // remove that device.
    std::optional<Directory> directory;
    try {
        const auto& made = Access::impl(device);
        directory = made.directory();
        note.add_device(*directory);
        for (const auto& [name, value] : definition.attributes())
            made.set_attribute(*directory, name, value);
    } catch (const Error& error) {
        roll_back(device, directory, note, error);
    }
}

}

void create_device(const Environment& env, const Definition& definition,
    const std::optional<Device>& found)
{
    if (!found && definition.attributes().empty()) {
        const auto type = check_can_start(definition, found, env);
        forget_start(env, definition.uuid());
        type.create(definition.uuid());
        return;
    }
    StartNote note(env, definition.uuid());
    const bool is_removed = found && is_as_defined(*found, definition) &&
        remove_half_made(env, *found, note);
    create(definition,
        check_can_start(definition, is_removed ? std::nullopt : found, env),
        note);
}

}
