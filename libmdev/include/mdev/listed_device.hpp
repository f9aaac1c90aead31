// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>
#include <mdev/framework.hpp>
#include <mdev/json_format.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// Whether callout scripts are asked for the attributes of active devices.
enum class AskScripts {
    no, ///< no script runs; active devices have no attributes
    yes, ///< each device's script reports its attributes
};

class ListedDevice;
/// Called with one device after the other.
using ListedDeviceVisitor = std::function<void(const ListedDevice& device)>;
/// Calls the visitor that it is called with for each device of a list.
using ListedDeviceSource = std::function<void(const ListedDeviceVisitor&)>;
/// Called with one piece of a text after the other.
using JsonSink = std::function<void(std::string_view piece)>;

/// A device in a list: an active or a defined one, and whether it is both.
/// DeviceStatus knows more about a single device. Any thread may use any copy.
class ListedDevice {
public:
    /// Returns the active devices, sorted by parent (bytewise) and UUID; only
    /// those of `uuid` and `parent` if specified. Devices that cannot be read
    /// are omitted with a warning in the log. Throws Error if a directory
    /// cannot be read, (Errc::invalid_name), (Errc::cancelled).
    static std::vector<ListedDevice> active(const std::optional<Uuid>& uuid,
        const std::optional<std::string>& parent, AskScripts ask,
        const Environment& env);
    /// Returns the defined devices, in the same order and with the same
    /// filters. The scripts are asked about the active ones among them, for
    /// differences(). Throws Error if a directory cannot be read,
    /// (Errc::invalid_name), (Errc::cancelled).
    static std::vector<ListedDevice> defined(const std::optional<Uuid>& uuid,
        const std::optional<std::string>& parent, AskScripts ask,
        const Environment& env);
    /// Calls `visit` for each device of defined(), in the same order. Unless
    /// scripts are asked, the device is read just before, and only one is in
    /// memory at a time, however many are defined. Throws Error as defined()
    /// does, and what `visit` throws.
    static void each_defined(const std::optional<Uuid>& uuid,
        const std::optional<std::string>& parent, AskScripts ask,
        const Environment& env, const ListedDeviceVisitor& visit);

    /// The device as a definition. For an active device, parent, type and
    /// attributes are the actual ones, and the start mode is that of its
    /// definition.
    const Definition& definition() const noexcept;
    /// Whether the device is active under this parent.
    bool is_active() const noexcept;
    /// Whether the device is defined under this parent, even if by an invalid
    /// file.
    bool is_defined() const noexcept;
    /// What differs between the active device and its definition: `type`, and
    /// `attrs` if a script has reported attributes.
    const std::vector<std::string>& differences() const noexcept;
    /// The framework of the parent; nothing if the parent does not exist.
    std::optional<Framework> framework() const noexcept;
    /// The active device's directory; empty if it is not active.
    std::filesystem::path path() const;
    /// The definition's file; empty if it is not defined.
    std::filesystem::path file() const;

private:
    friend struct Access;
    struct Impl;
    explicit ListedDevice(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Returns what `mdevctl list --dumpjson` (JsonFormat::compatible) or `mdevctl
/// list --json` (JsonFormat::flat) prints, without the final newline.
/// Compatible is to_json() of the definitions. Flat is `{"version": 1,
/// "devices": [{"uuid", "parent", "type", "start", "attrs", "active",
/// "defined", "differs", "path", "file", "framework"}…]}`.
std::string to_json(
    const std::vector<ListedDevice>& devices, JsonFormat format);
/// Writes what to_json() returns to `sink`, in pieces of about 64 KiB. The
/// devices are those that `each` passes on, those of a parent one after the
/// other, for example:
///
///     write_json([&](const auto& visit) {
///         ListedDevice::each_defined({}, {}, AskScripts::no, env, visit);
///     }, JsonFormat::compatible, sink);
///
/// Throws what `each` and `sink` throw.
void write_json(
    const ListedDeviceSource& each, JsonFormat format, const JsonSink& sink);

}
