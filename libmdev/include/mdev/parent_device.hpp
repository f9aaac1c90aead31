// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>
#include <mdev/json_format.hpp>
#include <mdev/mdev_type.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// A device whose driver can create mediated devices: an entry of
/// `/sys/class/mdev_bus`. Any thread may use any copy.
class ParentDevice {
public:
    /// Returns the parent of that name; nothing if the kernel has none. Throws
    /// Error (Errc::invalid_name) if the name cannot be a parent's.
    static std::optional<ParentDevice> find(
        std::string_view name, const Environment& env);
    /// Returns every parent, sorted by name (bytewise); none on a kernel
    /// without mediated devices. Throws Error if the directory cannot be read.
    static std::vector<ParentDevice> all(const Environment& env);

    /// The name of the directory, such as `0000:00:02.0`.
    const std::string& name() const noexcept;
    /// The types that the driver offers now, sorted by id. What cannot be read
    /// is left out with a warning in the log.
    std::vector<MdevType> types() const;
    /// Returns one type; nothing if the parent does not offer it. Throws Error
    /// if the parent has no types at all or if the type cannot be read.
    std::optional<MdevType> type(std::string_view id) const;

private:
    struct Impl;
    explicit ParentDevice(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Returns what `mdevctl types --dumpjson` (JsonFormat::compatible) or `mdevctl
/// types --json` (JsonFormat::flat) prints, without the final newline.
/// Compatible is `[]`, or an array of one object: parent → array of `{TYPE:
/// {…}}`. Flat is
/// `{"version": 1, "types": [{"parent", "id", "name", "description",
/// "device_api", "available_instances"}…]}`.
std::string to_json(
    const std::vector<ParentDevice>& parents, JsonFormat format);

}
