// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "deadline.hpp"
#include "directory.hpp"

#include <mdev/environment.hpp>
#include <mdev/error.hpp>
#include <mdev/uuid.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mdev {

// Removing a device that a process has open. The kernel first hides the device
// from /sys/bus/mdev/devices, then waits for the last user; only the directory
// below the parent is left. The UUID cannot be created again in the meantime,
// and nothing but the user of the device ends this, whose name is therefore the
// one useful thing to say.

/// "Device is in use by process 172 (hold)WHAT_ABOUT_IT", with the users.
Error in_use_error(const Uuid& uuid, std::vector<DeviceUser> users,
    const std::string& what_about_it, std::error_code cause = {});

/// The directory of a device that the kernel is removing; nothing if there is
/// none.
std::optional<Directory> directory_in_removal(
    const Environment& env, const Uuid& uuid);

/// Waits while another process removes a device.
class RemovalWait {
public:
    /// `directory` is that of the device, opened before the removal. For the
    /// first second neither the limit nor a cancellation counts: a device that
    /// nobody uses is removed sooner.
    RemovalWait(const Environment& env, const Uuid& uuid,
        const Directory& directory, std::chrono::milliseconds limit);

    /// Waits until `descriptor` is readable; after a second, warns who keeps it
    /// waiting. Returns false if the limit has passed or the caller has
    /// cancelled.
    bool operator()(int descriptor);
    /// Why it returned false: Errc::in_use, Errc::cancelled or Errc::timed_out.
    Error error() const;

private:
    std::vector<DeviceUser> users() const;

    const Environment& env_;
    const Uuid& uuid_;
    /// Found before the removal: some kernels remove what names them first.
    std::vector<std::string> files_;
    Deadline deadline_;
    bool is_cancelled_ = false;
};

}
