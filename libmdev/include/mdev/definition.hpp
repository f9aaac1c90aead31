// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mdev {

/// Whether a device is started when its parent appears.
enum class StartMode {
    manual, ///< only on request
    automatic, ///< also by Manager::start_parent and Manager::start_all
};

/// The name of an attribute, a path below the device such as `power/control`,
/// and the value to write.
using Attribute = std::pair<std::string, std::string>;

/// The content of a definition file: a value, in memory only.
///
/// The names in a Definition are always safe: a parent, type or attribute name
/// that could leave its directory is refused with Errc::invalid_name. Copies
/// are independent of each other. One object may be used by one thread at a
/// time, or by many that only read it.
class Definition {
public:
    /// Makes a definition without attributes and with StartMode::manual. Throws
    /// Error (Errc::invalid_name).
    Definition(const Uuid& uuid, std::string parent, std::string type_id);

    /// Parses the JSON text of a definition file: `{"mdev_type": …, "start":
    /// "auto"|"manual", "attrs": [{NAME: VALUE}…]}`. `attrs` may be missing;
    /// unknown members are preserved. Throws Error (Errc::invalid_definition),
    /// whose message begins with `source`.
    static Definition from_json(std::string_view json, const Uuid& uuid,
        std::string parent, std::string_view source);
    /// Reads a definition from a file, or from a pipe such as `/dev/stdin`, of
    /// at most 1 MiB. Throws Error.
    static Definition from_file(const std::filesystem::path& file,
        const Uuid& uuid, std::string parent);
    /// Reads a definition from a file or pipe. The wait for a pipe ends when
    /// `env` is cancelled or its deadline has passed. Throws Error: that of the
    /// kernel, Errc::invalid_definition, Errc::cancelled, Errc::timed_out.
    static Definition from_file(const std::filesystem::path& file,
        const Uuid& uuid, std::string parent, const Environment& env);

    /// The UUID of the device, which never changes.
    const Uuid& uuid() const noexcept;
    /// The name of the parent device, which never changes.
    const std::string& parent() const noexcept;
    /// The id of the mdev type.
    const std::string& type_id() const noexcept;
    /// Whether the device is started when its parent appears.
    StartMode start() const noexcept;
    /// The attributes, in the order in which they are written to the device.
    /// Names may repeat.
    const std::vector<Attribute>& attributes() const noexcept;

    /// Changes the mdev type. Throws Error (Errc::invalid_name). If this or
    /// another setter throws, nothing has changed.
    void set_type_id(std::string type_id);
    /// Changes whether the device is started when its parent appears.
    void set_start(StartMode start);
    /// Replaces all attributes. Throws Error: Errc::invalid_name, or
    /// Errc::invalid_definition for text that is not UTF-8.
    void set_attributes(std::vector<Attribute> attributes);
    /// Appends an attribute. Throws as set_attributes() does.
    void append_attribute(std::string name, std::string value);
    /// Inserts an attribute before number `index`, which may be one past the
    /// last. Throws Error (Errc::invalid_index) if `index` is larger, and as
    /// set_attributes() does.
    void insert_attribute(
        std::size_t index, std::string name, std::string value);
    /// Removes the attribute number `index`. Throws Error (Errc::invalid_index)
    /// if there is none.
    void erase_attribute(std::size_t index);

    /// Returns the text of the definition file: indented by two blanks a level,
    /// ASCII only, without a final newline.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit Definition(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Whether both have the same contents, unknown members included.
bool operator==(const Definition& a, const Definition& b) noexcept;
/// Whether they are not equal.
bool operator!=(const Definition& a, const Definition& b) noexcept;

/// Returns what `mdevctl list --dumpjson` prints, without the final newline:
/// `[]`, or an array of one object that maps each parent to an array of `{UUID:
/// {…}}`, in the order of `definitions`. Definitions of one parent must be
/// adjacent.
std::string to_json(const std::vector<Definition>& definitions);

}
