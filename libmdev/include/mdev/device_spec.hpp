// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/uuid.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mdev {

/// The part of a device that a caller specifies; Manager::define() and
/// Manager::start() determine the rest:
///
///     manager.start(DeviceSpec().parent("mtty").type_id("mtty-1"));
///
/// A value: copies are independent of each other. One object may be used by one
/// thread at a time, or by many that only read it.
class DeviceSpec {
public:
    /// Specifies nothing.
    DeviceSpec();

    /// Sets the device's UUID. Returns the object itself.
    DeviceSpec& uuid(const Uuid& uuid);
    /// Sets the name of the parent device. Returns the object itself.
    DeviceSpec& parent(std::string parent);
    /// Sets the id of the mdev type. Returns the object itself.
    DeviceSpec& type_id(std::string type_id);
    /// Sets whether the device is started when its parent appears; the default
    /// is StartMode::manual. Manager::start() ignores it. Returns the object
    /// itself.
    DeviceSpec& start(StartMode start);

    /// The UUID; nothing if it is not specified.
    const std::optional<Uuid>& uuid() const noexcept;
    /// The name of the parent; nothing if it is not specified.
    const std::optional<std::string>& parent() const noexcept;
    /// The id of the mdev type; nothing if it is not specified.
    const std::optional<std::string>& type_id() const noexcept;
    /// Whether the device is started when its parent appears.
    StartMode start() const noexcept;

private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

}
