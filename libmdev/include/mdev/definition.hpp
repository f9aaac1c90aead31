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
    manual, ///< only when somebody says so
    automatic, ///< also by Manager::start_parent and Manager::start_all
};

/// A name below the device, as `power/control`, and the value to write to it.
using Attribute = std::pair<std::string, std::string>;

/// What a definition file says about a device: a value, in memory only.
///
/// Names in it are always safe: whoever makes a Definition with a parent, type
/// or attribute name that could leave its directory gets Error with
/// Errc::invalid_name. Copies are independent of each other; one object may be
/// used by one thread at a time, or by many that only read it.
class Definition {
public:
    /// A device without attributes, started by hand.
    Definition(const Uuid& uuid, std::string parent, std::string type_id);

    /// Reads the JSON text of a definition file:
    /// `{"mdev_type": …, "start": "auto"|"manual", "attrs": [{NAME: VALUE}…]}`.
    /// `attrs` may be missing; other members are kept and written again.
    /// Throws Error (Errc::invalid_definition) that begins with `source`.
    static Definition from_json(std::string_view json, const Uuid& uuid,
        std::string parent, std::string_view source);
    /// The same for a file, which may be a pipe as `/dev/stdin`; more than
    /// 1 MiB is refused. Throws Error.
    static Definition from_file(const std::filesystem::path& file,
        const Uuid& uuid, std::string parent);

    /// Its UUID, which never changes.
    const Uuid& uuid() const noexcept;
    /// The name of its parent device, which never changes.
    const std::string& parent() const noexcept;
    /// The id of its type.
    const std::string& type_id() const noexcept;
    /// Whether it is started when its parent appears.
    StartMode start() const noexcept;
    /// In the order in which they are written to the device; names may repeat.
    const std::vector<Attribute>& attributes() const noexcept;

    /// Throws Error (Errc::invalid_name); then nothing has changed, as with
    /// every other change here.
    void set_type_id(std::string type_id);
    /// Changes when it is started.
    void set_start(StartMode start);
    /// Puts these in the place of all attributes. Throws Error:
    /// Errc::invalid_name, or Errc::invalid_definition for what is not UTF-8.
    void set_attributes(std::vector<Attribute> attributes);
    /// Puts it behind the others. Throws as set_attributes() does.
    void append_attribute(std::string name, std::string value);
    /// Puts it before the attribute number `index`, which may be one past the
    /// last. Throws Error (Errc::invalid_index) beyond that.
    void insert_attribute(
        std::size_t index, std::string name, std::string value);
    /// Throws Error (Errc::invalid_index) if there is none of that number.
    void erase_attribute(std::size_t index);

    /// The text of the definition file: two blanks a level, ASCII only, no
    /// final newline.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit Definition(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Returns what `mdevctl list --dumpjson` prints, without the final newline:
/// `[]`, or an array of one object, parent → array of `{UUID: {…}}`, in the
/// given order; devices of one parent must stand together.
std::string to_json(const std::vector<Definition>& definitions);

}
