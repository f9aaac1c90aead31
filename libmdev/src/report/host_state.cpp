// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "directory.hpp"
#include "environment_impl.hpp"
#include "host_state_impl.hpp"
#include "kernel_error.hpp"
#include "listed_device_impl.hpp"
#include "resolve_names.hpp"
#include "text.hpp"
#include "unfinished_start.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace mdev {

// Reads and writes the state of a host as JSON, which mdevctl(8) describes. A
// state file is read strictly, unlike a definition. An unknown member is
// refused: otherwise a misspelled `actve` would mean "not specified" on every
// host of a fleet. Each reader removes its member from the object.
//
// The whole file is read and checked before anything is changed. The kernel is
// not asked: names of parents and types are resolved when the state is applied.

namespace {

constexpr std::size_t document_limit = 64 * 1024 * 1024;
constexpr const char* namespace_key = "namespace";

[[noreturn]] void refuse(const std::string& why)
{
    throw Error(Errc::invalid_definition, "", why);
}

/// Removes a member from an object and returns it.
std::optional<json::value> take(json::object& object, std::string_view key)
{
    auto* const found = object.find(key);
    if (found == object.end())
        return {};
    auto value = std::move(found->value());
    object.erase(found);
    return value;
}

std::optional<std::string> take_string(
    json::object& object, std::string_view key)
{
    const auto value = take(object, key);
    if (!value)
        return {};
    const auto* string = value->if_string();
    if (!string)
        refuse("'" + std::string(key) + "' must be a string, not " +
            std::string(json::kind(*value)));
    return std::string(string->data(), string->size());
}

std::string take_needed(json::object& object, std::string_view key)
{
    if (auto string = take_string(object, key))
        return *string;
    refuse("'" + std::string(key) + "' is missing");
}

std::optional<bool> take_bool(json::object& object, std::string_view key)
{
    const auto value = take(object, key);
    if (!value)
        return {};
    const auto* flag = value->if_bool();
    if (!flag)
        refuse("'" + std::string(key) + "' must be true or false, not " +
            std::string(json::kind(*value)));
    return *flag;
}

/// Removes a member that is null; false if it is not.
bool take_null(json::object& object, std::string_view key)
{
    auto* const found = object.find(key);
    if (found == object.end() || !found->value().is_null())
        return false;
    object.erase(found);
    return true;
}

std::optional<Uuid> take_uuid(json::object& object, std::string_view key)
{
    const auto text = take_string(object, key);
    if (!text)
        return {};
    const auto uuid = Uuid::parse(*text);
    if (!uuid)
        refuse("'" + std::string(key) + "' is not a UUID: " + *text);
    return uuid;
}

json::object as_object(json::value value, const std::string& what)
{
    if (auto* object = value.if_object())
        return std::move(*object);
    refuse(what + " must be an object, not " + std::string(json::kind(value)));
}

json::array as_array(json::value value, const std::string& what)
{
    if (auto* array = value.if_array())
        return std::move(*array);
    refuse(what + " must be an array, not " + std::string(json::kind(value)));
}

/// Throws Error if the object has another member. This check comes first:
/// otherwise another message would say that the misspelled member is missing.
void check_all_known(
    const json::object& object, const std::vector<std::string>& names)
{
    for (const auto& member : object) {
        const std::string key(member.key());
        if (std::find(names.begin(), names.end(), key) != names.end())
            continue;
        const auto meant = suggestion(key, names);
        refuse("'" + key + "' is an unknown member" +
            (meant ? "; did you mean '" + *meant + "'?" : ""));
    }
}

struct Identity {
    Uuid uuid;
    std::string name;
};

/// The UUID of a device: `uuid`, or the name-based UUID of `name`. With names,
/// one state file can describe many hosts without a UUID for each device, and
/// applying the file again finds the same devices.
Identity take_identity(json::object& object, const std::optional<Uuid>& space)
{
    const auto uuid = take_uuid(object, "uuid");
    const auto name = take_string(object, "name");
    if (uuid.has_value() == name.has_value())
        refuse("either 'uuid' or 'name' is required");
    if (uuid)
        return {*uuid, ""};
    return {
        space ? Uuid::from_name(*space, *name) : Uuid::from_name(*name), *name};
}

/// Reads one device. The members are put into the form of a definition file and
/// read by definition_in(), so that both accept the same types, start modes and
/// attributes.
HostEntry take_entry(json::object object, const std::optional<Uuid>& space)
{
    check_all_known(object,
        {"uuid", "name", "parent", "type", "start", "attrs", "defined",
            "active", "others"});
    const auto [uuid, name] = take_identity(object, space);
    const auto id = uuid.string();
    const auto parent = without_directories(take_needed(object, "parent"));
    json::object stored;
    auto others = take(object, "others");
    if (others)
        stored = as_object(std::move(*others), "'others'");
    for (const auto* key : {"mdev_type", "start", "attrs"})
        if (stored.contains(key))
            refuse(
                "'others' must not have a member '" + std::string(key) + "'");
    auto type = take_needed(object, "type");
    // Names with a blank are the vendors' and never become a path.
    const bool has_slash =
        type.find('/') != type.npos && type.find(' ') != type.npos;
    const auto vendor_type = has_slash ? type : "";
    if (has_slash)
        std::replace(type.begin(), type.end(), '/', '_');
    stored["mdev_type"] = type;
    stored["start"] = take_string(object, "start").value_or("manual");
    if (auto attributes = take(object, "attrs"))
        stored["attrs"] = std::move(*attributes);
    const auto is_defined = take_bool(object, "defined").value_or(true);
    const bool is_left = take_null(object, "active");
    const auto is_active = take_bool(object, "active");
    return {definition_in(stored, uuid, parent, [&] { return "of " + id; },
                UnknownStart::refused, {}),
        is_defined, is_active, others.has_value(), is_left, vendor_type, name};
}

std::vector<HostEntry> take_entries(json::object document)
{
    check_all_known(document, {"version", namespace_key, "devices"});
    const auto version = take(document, "version");
    if (!version || !version->is_int64() || version->get_int64() != 1)
        refuse("'version' must be 1");
    const auto space = take_uuid(document, namespace_key);
    auto list = take(document, "devices");
    if (!list)
        refuse("'devices' is missing");
    auto devices = as_array(std::move(*list), "'devices'");
    std::vector<HostEntry> entries;
    for (auto& device : devices)
        try {
            entries.push_back(
                take_entry(as_object(std::move(device), "it"), space));
        } catch (const Error& error) {
            throw with_context(error, place(entries.size()));
        }
    return entries;
}

HostEntry listed_entry(
    const std::string& name, const std::string& parent, json::value stored)
{
    const auto uuid = Uuid::parse(name);
    if (!uuid)
        refuse("'" + name + "' on " + parent + " is not a UUID");
    const auto where = [&] { return "of " + name + " on " + parent; };
    auto definition =
        definition_in(as_object(std::move(stored), "the definition"), *uuid,
            parent, where, UnknownStart::refused, {});
    // mdevctl does not list unknown members: a list without them says nothing
    // about those of the stored definition.
    const bool has_others = !unknown_members(definition).empty();
    return {std::move(definition), true, {}, has_others};
}

/// Reads what `list --defined --dumpjson` prints, `[{PARENT: [{UUID:
/// DEFINITION}]}]`: the only export of definitions that mdevctl 1.x has.
std::vector<HostEntry> listed_entries(json::array list)
{
    std::vector<HostEntry> entries;
    for (auto& parents : list)
        for (auto& parent :
            as_object(std::move(parents), "an entry of the list"))
            for (auto& device : as_array(std::move(parent.value()),
                     "'" + std::string(parent.key()) + "'"))
                for (auto& definition :
                    as_object(std::move(device), "a device"))
                    entries.push_back(
                        listed_entry(std::string(definition.key()),
                            std::string(parent.key()),
                            std::move(definition.value())));
    return entries;
}

/// The levels around the members of a definition, so that a state file can
/// contain exactly the definitions that mdevctl reads: `[{PARENT: [{UUID: {` or
/// `{"devices": [{"others": {`, without the last brace.
std::size_t outer_levels(std::string_view json)
{
    const auto begin = json.find_first_not_of(" \t\r\n");
    return begin != json.npos && json[begin] == '[' ? 4 : 3;
}

/// The beginning of a message about a state file.
std::string in_document(std::string_view source)
{
    return "Cannot use " + std::string(source);
}

HostState read_state(json::value document, std::string_view source)
{
    // mdevctl lists the kernel's names; people also write other names.
    const bool is_list = document.is_array();
    auto entries = is_list
        ? listed_entries(std::move(document.get_array()))
        : take_entries(as_object(std::move(document), "the document"));
    check_unique(entries);
    return Access::make<HostState>({std::move(entries), true,
        is_list ? std::nullopt : std::optional(in_document(source))});
}

json::object entry_json(const HostEntry& entry)
{
    auto object = flat_json(entry.definition);
    if (!entry.vendor_type.empty())
        object["type"] = entry.vendor_type;
    object["defined"] = entry.is_defined;
    if (entry.is_active)
        object["active"] = *entry.is_active;
    else if (entry.is_left)
        object["active"] = nullptr;
    const auto& others = unknown_members(entry.definition);
    if (!others.empty())
        object["others"] = others;
    return object;
}

/// The entry of a definition in `list`.
HostEntry defined_entry(const ListedDevice& device, const ListedDevices& list)
{
    const bool is_unknown =
        !list.is_bus_read || list.unread.contains(device.definition().uuid());
    // An entry has one type. If the device is active with another one than the
    // definition has, neither true nor false would be right: applying the state
    // would have to start another device, or would stop this one.
    const bool is_otherwise =
        !device.is_active() && !device.differences().empty();
    HostEntry entry{
        device.definition(), true, {}, true, is_unknown || is_otherwise};
    if (!entry.is_left)
        entry.is_active = device.is_active();
    return entry;
}

/// Adds the devices that have not got all their attributes yet, or never will.
void add_unfinished(std::set<Uuid>& found, const Environment& env)
{
    for (const auto& uuid : noted_starts(env))
        if (const auto device = Device::find(uuid, env);
            device && start_progress(env, *device) != StartProgress::complete)
            found.insert(uuid);
}

}

HostState::HostState(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API HostState HostState::of(const Environment& env)
{
    std::vector<HostEntry> entries;
    const auto defined = list_defined({}, {}, AskScripts::no, env);
    for (const auto& device : defined.devices)
        entries.push_back(defined_entry(device, defined));
    if (!defined.is_bus_read)
        return Access::make<HostState>({std::move(entries), false});
    std::set<Uuid> unfinished;
    add_unfinished(unfinished, env);
    const auto active =
        list_active({}, {}, AskScripts::yes, env, Unanswered::left_out);
    add_unfinished(unfinished, env);
    bool is_complete = defined.is_complete && defined.unread.empty() &&
        active.is_complete && active.unread.empty();
    for (const auto& device : active.devices) {
        // The definitions come first; an active device is only added if it is
        // transient.
        const auto& definition = device.definition();
        if (device.is_defined())
            continue;
        if (!unfinished.contains(definition.uuid())) {
            entries.push_back({definition, false, true, false});
            continue;
        }
        is_complete = false;
        env.log(LogLevel::warning,
            "Device " + definition.uuid().string() +
                " is ignored: it lacks attributes");
    }
    return Access::make<HostState>({std::move(entries), is_complete});
}

MDEV_API HostState HostState::from_json(
    std::string_view json, std::string_view source)
try {
    return read_state(json::parse(json, outer_levels(json)), source);
} catch (const std::invalid_argument& error) {
    throw Error(Errc::invalid_definition, std::string(source),
        in_document(source) + ": " + error.what());
} catch (const Error& error) {
    // An invalid name is a fault of the state file, not of the command line.
    const std::error_code code = error.code() == Errc::invalid_name
        ? Errc::invalid_definition
        : error.code();
    throw Error(code, error.cause(), std::string(source),
        in_document(source) + ": " + error.what());
}

MDEV_API HostState HostState::from_file(
    const std::filesystem::path& file, const Environment& env)
{
    return from_json(
        read_file(file, document_limit, cancellation(env)), file.string());
}

MDEV_API bool HostState::is_complete() const noexcept
{
    return impl_->is_complete;
}

MDEV_API std::string HostState::to_json() const
{
    json::array devices;
    for (const auto& entry : impl_->entries)
        devices.push_back(entry_json(entry));
    json::object document;
    document["version"] = 1;
    document["devices"] = std::move(devices);
    return json::pretty(document);
}

}
