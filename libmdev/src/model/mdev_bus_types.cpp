// SPDX-License-Identifier: LGPL-2.1-or-later
#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "mdev_bus.hpp"
#include "sysfs.hpp"
#include "text.hpp"

#include <mdev/error.hpp>

#include <cerrno>
#include <cstdint>

namespace mdev {

namespace {

/// The directory of a parent that has one directory for each type.
constexpr const char* types_directory_name = "mdev_supported_types";

/// A string and not a path, which would be taken to pieces with each component.
std::string types_path(const Environment& env, const std::string& parent)
{
    return env.parents_directory().string() + "/" + parent + "/" +
        types_directory_name;
}

Directory types_directory(const Environment& env, const std::string& parent)
{
    const auto path = types_path(env, parent);
    if (auto directory = Directory::at(path))
        return std::move(*directory);
    throw Error(Errc::no_such_type, path,
        "Parent " + parent + " supports no mediated devices: it has no " +
            path);
}

/// Reads the attributes of one type. Each is opened by its path below the
/// directory of all types, so that the type's own directory need not be opened:
/// parents with dozens of types are common.
class TypeReader {
public:
    /// `buffer` keeps its memory for the next type.
    TypeReader(
        const Directory& types, const std::string& id, std::string& buffer)
        : types_(types),
          path_(id + "/"),
          buffer_(buffer)
    {
    }

    std::optional<std::string> optional(std::string_view attribute)
    {
        // One string serves all attributes, behind the first slash.
        path_.replace(path_.find('/') + 1, path_.npos, attribute);
        return Sysfs::read(types_, path_, buffer_);
    }

    std::string required(std::string_view attribute)
    {
        if (auto text = optional(attribute))
            return std::move(*text);
        throw kernel_error(ENOENT, "Cannot read", types_.path(), path_);
    }

private:
    const Directory& types_;
    std::string path_;
    std::string& buffer_;
};

/// `path` is that of the directory of the types.
std::int64_t number_of_instances(const std::string& text,
    const std::filesystem::path& types, const std::string& id)
{
    const auto number = parse_number<std::int64_t>(text);
    if (number && *number >= 0)
        return *number;
    const auto path = (types / id / "available_instances").string();
    throw Error(std::error_code(EINVAL, std::system_category()), path,
        path + " contains '" + text + "', which is not a number of instances");
}

std::string joined_lines(std::string text)
{
    for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at))
        text.replace(at, 1, ", ");
    return text;
}

/// Reads a type in `types`, a parent's directory of them. Nothing if the type
/// does not exist (any more). Throws Error if its files are invalid.
std::optional<MdevType> find_type(const Environment& env,
    const std::string& parent, const std::string& id, const Directory& types,
    std::string& buffer)
{
    TypeReader reader(types, id, buffer);
    const auto available = reader.optional("available_instances");
    // A missing type is nothing; a type without the file is an error. Both look
    // alike to the read, and the second look is rare.
    if (!available && !types.find(id))
        return {};
    Access::Impl<MdevType> type{&mdev_bus(), env, id, parent, 0, {}, {}, {}};
    type.available_instances = number_of_instances(
        available ? *available : reader.required("available_instances"),
        types.path(), id);
    type.device_api = reader.required("device_api");
    // Optional in Documentation/ABI/testing/sysfs-bus-vfio-mdev, as is
    // `description`.
    type.name = reader.optional("name").value_or("");
    type.description =
        joined_lines(reader.optional("description").value_or(""));
    return Access::make<MdevType>(std::move(type));
}

/// Nothing for an entry that is not a type or has disappeared; nothing and a
/// warning for a type that cannot be read.
std::optional<MdevType> read_listed_type(const Environment& env,
    const std::string& parent, const Directory& types, const std::string& id,
    std::string& buffer)
{
    try {
        return find_type(env, parent, id, types, buffer);
    } catch (const Error& error) {
        if (types.exists(id))
            env.log(LogLevel::warning,
                "Type " + id + " of " + parent +
                    " is ignored: " + error.what());
        return {};
    }
}

}

std::vector<MdevType> MdevBus::types(
    const Environment& env, const std::string& parent) const
{
    std::vector<MdevType> types;
    std::string buffer;
    try {
        const auto directory = types_directory(env, parent);
        for (const auto& entry : directory.entries())
            if (entry.kind != EntryKind::file)
                if (auto type = read_listed_type(
                        env, parent, directory, entry.name, buffer))
                    types.push_back(std::move(*type));
    } catch (const Error& error) {
        // A parent that is unregistered while it is read has no types, which is
        // no reason for a warning.
        if (has_parent(env, parent))
            env.log(LogLevel::warning, error.what());
    }
    return types;
}

std::vector<std::string> MdevBus::type_ids(
    const Environment& env, const std::string& parent) const
{
    std::vector<std::string> ids;
    const auto types = Directory::at(types_path(env, parent));
    if (!types)
        return ids;
    for (auto& entry : types->entries())
        if (entry.kind != EntryKind::file)
            ids.push_back(std::move(entry.name));
    return ids;
}

std::optional<MdevType> MdevBus::type(const Environment& env,
    const std::string& parent, const std::string& id) const
{
    std::string buffer;
    return find_type(env, parent, id, types_directory(env, parent), buffer);
}

std::optional<MdevType> MdevBus::type_to_create(const Environment& env,
    const std::string& parent, const std::string& id) const
{
    const auto types = types_path(env, parent);
    const auto available = Sysfs::read(
        Directory::working(), types + "/" + id + "/available_instances");
    // type() finds out what is missing.
    if (!available)
        return type(env, parent, id);
    return Access::make<MdevType>({&mdev_bus(), env, id, parent,
        number_of_instances(*available, types, id), {}, {}, {}});
}

std::filesystem::path MdevBus::type_path(
    const Access::Impl<MdevType>& type) const
{
    return types_path(type.env, type.parent) + "/" + type.id;
}

}
