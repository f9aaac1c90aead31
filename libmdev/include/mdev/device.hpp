// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// An active device: an entry of `/sys/bus/mdev/devices`. What is stored about
/// it is another thing, a Definition. Any thread may use any copy; it stays
/// valid when the device goes, and says ENODEV or ENOENT then.
class Device {
public:
    /// Nothing if no device of that UUID is active. Throws Error if the kernel
    /// shows one that cannot be read.
    static std::optional<Device> find(const Uuid& uuid, const Environment& env);
    /// Every active device, sorted by parent (bytewise) and UUID. One that
    /// goes away meanwhile is left out; one that cannot be read, too, with a
    /// warning in the log. Throws Error if the directory cannot be read.
    static std::vector<Device> all(const Environment& env);

    /// Its name, as the kernel knows it.
    const Uuid& uuid() const noexcept;
    /// The name of its parent device.
    const std::string& parent() const noexcept;
    /// The id of its type.
    const std::string& type_id() const noexcept;
    /// Its entry in Environment::devices_directory().
    std::filesystem::path path() const;

    /// Writes `value`, as it is and in one write, to the attribute of that
    /// name, which may be a path as `power/control` but never leaves the
    /// device's directory. Throws Error: Errc::invalid_name, or what the
    /// kernel said.
    void set_attribute(std::string_view name, std::string_view value) const;

    /// Removes the device. The kernel lets nobody interrupt this while somebody
    /// has the device open: after a second, a warning in the log says who.
    /// Throws Error: Errc::not_active, or what the kernel said.
    void remove() const;

private:
    friend struct Access;
    struct Impl;
    explicit Device(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

}
