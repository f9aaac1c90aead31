// SPDX-License-Identifier: LGPL-2.1-or-later
#include "removal.hpp"

#include "device_users.hpp"
#include "environment_impl.hpp"
#include "kernel_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>

namespace mdev {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds free_device(1000);
constexpr const char* goes_on =
    "its removal has begun; the kernel completes it when the device is closed";

/// Waits for a descriptor, or for a cancellation. Returns whether the
/// descriptor is readable.
bool is_readable(
    int descriptor, const Cancellation& cancel, const Deadline& deadline)
{
    std::array<pollfd, 2> asked{
        {{descriptor, POLLIN, 0}, {cancel.descriptor(), POLLIN, 0}}};
    const int ready =
        poll(asked.data(), asked.size(), cancel.poll_timeout(deadline));
    return ready > 0 && asked[0].revents != 0;
}

}

Error in_use_error(const Uuid& uuid, std::vector<DeviceUser> users,
    const std::string& what_about_it, std::error_code cause)
{
    const auto sentence = "Device is in use" + by(users) + what_about_it;
    return with_users(
        {Errc::in_use, cause, uuid.string(), sentence}, std::move(users));
}

std::optional<Directory> directory_in_removal(
    const Environment& env, const Uuid& uuid)
{
    const auto entry = uuid.string();
    const auto parents = Directory::at(env.parents_directory());
    if (!parents)
        return {};
    for (const auto& parent : parents->entries())
        if (auto found = Directory::at(parents->path() / parent.name / entry)) {
            const auto devices = Directory::at(env.devices_directory());
            if (devices && devices->exists(entry))
                return {};
            return found;
        }
    return {};
}

RemovalWait::RemovalWait(const Environment& env, const Uuid& uuid,
    const Directory& directory, milliseconds limit)
    : env_(env),
      uuid_(uuid),
      deadline_(std::max(limit, free_device))
{
    try {
        files_ = vfio_files(directory);
    } catch (const Error&) {
        // Without the files, no user is found.
    }
}

std::vector<DeviceUser> RemovalWait::users() const
{
    return users_of(files_, env_.root() / "proc");
}

bool RemovalWait::operator()(int descriptor)
{
    const auto cancel = cancellation(env_);
    for (const Deadline first(free_device); !first.has_passed();)
        if (is_readable(descriptor, Cancellation(), first))
            return true;
    for (bool is_logged = false;; is_logged = true) {
        is_cancelled_ = cancel.is_requested();
        if (is_cancelled_ || deadline_.has_passed())
            return false;
        if (!is_logged)
            env_.log(LogLevel::warning,
                "Device " + uuid_.string() + " is in use" + by(users()) +
                    "; waiting until it is closed and the kernel has removed "
                    "it");
        if (is_readable(descriptor, cancel, deadline_))
            return true;
    }
}

Error RemovalWait::error() const
{
    auto found = users();
    if (!is_cancelled_)
        return in_use_error(
            uuid_, std::move(found), std::string(": ") + goes_on);
    const auto error = cancellation(env_).error(
        "Waiting until the device is closed" + by(found), uuid_.string());
    return with_users({error.code(), {}, uuid_.string(),
                          std::string(error.what()) + "; " + goes_on},
        std::move(found));
}

}
