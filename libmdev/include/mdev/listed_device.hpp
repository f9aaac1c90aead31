// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>
#include <mdev/json_format.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// Whether callout scripts are asked what active devices have.
enum class AskScripts {
    no, ///< none is run; active devices have no attributes
    yes, ///< each device's script says what it has
};

/// A device in a list: what runs, or what is stored, and whether it is both.
/// DeviceStatus says more about one of them. Any thread may use any copy.
class ListedDevice {
public:
    /// The active devices, sorted by parent (bytewise) and UUID; if they are
    /// given, only those of that UUID and parent. What cannot be read is left
    /// out with a warning in the log. Throws Error if a directory cannot be
    /// read, (Errc::invalid_name), (Errc::cancelled).
    static std::vector<ListedDevice> active(const std::optional<Uuid>& uuid,
        const std::optional<std::string>& parent, AskScripts ask,
        const Environment& env);
    /// The same for the definitions.
    static std::vector<ListedDevice> defined(const std::optional<Uuid>& uuid,
        const std::optional<std::string>& parent, const Environment& env);

    /// The definition; of an active device parent, type and attributes as they
    /// are, and how it starts as its definition says.
    const Definition& definition() const noexcept;
    /// Whether it runs under this parent.
    bool is_active() const noexcept;
    /// Whether it is defined under this parent, if only by a broken file.
    bool is_defined() const noexcept;
    /// In what the active device is other than its definition says: `type`, and
    /// `attrs` where its script was asked and named some.
    const std::vector<std::string>& differences() const noexcept;
    /// The active device's directory; empty if it does not run.
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
/// "defined", "differs", "path", "file"}…]}`.
std::string to_json(
    const std::vector<ListedDevice>& devices, JsonFormat format);

}
