// SPDX-License-Identifier: LGPL-2.1-or-later
#include "card.hpp"
#include "config_store_impl.hpp"
#include "definition_impl.hpp"
#include "difference.hpp"
#include "doctor_impl.hpp"
#include "kernel_interface.hpp"
#include "store_layout.hpp"
#include "text.hpp"

#include <mdev/config_store.hpp>

#include <algorithm>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>

namespace mdev {

namespace {

constexpr std::string_view trusted = "which mdevctl reads as root";

void examine_file(Doctor& doctor, const Directory& directory,
    const DefinitionName& file, const std::string& parent)
{
    const auto name = file.name();
    const auto path = (directory.path() / name).string();
    struct stat status {};
    if (fstatat(directory.number(), name.c_str(), &status,
            AT_SYMLINK_NOFOLLOW) != 0)
        return; // removed in the meantime
    if (S_ISLNK(status.st_mode))
        doctor.add("definition-linked", Severity::warning, path,
            path + " is a symbolic link",
            "Replace the link with the definition: a change by mdevctl "
            "replaces the link, not its target");
    doctor.check_owner(directory, name, trusted);
    try {
        const auto text = directory.read(name, definition_limit);
        if (!text)
            throw Error(Errc::invalid_definition, path,
                path + " is a link whose target does not exist");
        doctor.definitions.push_back(parse_definition(
            *text, file.uuid, parent,
            [&] { return (directory.path() / name).string(); },
            // A command would take an unknown `start` as `manual` with a
            // warning; here it is a finding.
            UnknownStart::refused, [](LogLevel, const std::string&) {}));
    } catch (const Error& error) {
        doctor.add("definition-broken", Severity::error, path, error.what(),
            "Repair the file, or remove it",
            shell_command({"mdevctl", "undefine", "--force", "-u",
                file.uuid.string(), "-p", parent}));
    }
}

void examine_directory(
    Doctor& doctor, const Directory& root, const std::string& parent)
{
    const auto directory = root.find(parent);
    if (!directory)
        return;
    doctor.check_owner(*directory, ".", trusted);
    const auto names = find_names(*directory,
        {[&](const std::string& name) {
             const auto path = (directory->path() / name).string();
             doctor.add("definition-misnamed", Severity::warning, path,
                 path + " is ignored: its name is not a UUID",
                 "Rename it to the UUID of the device, or remove it");
         },
            [&](const std::string& name) {
                const auto path = (directory->path() / name).string();
                doctor.add("definition-twice", Severity::warning, path,
                    path +
                        " is ignored: another file is named by the same UUID",
                    "Remove one of the two files");
            }});
    for (const auto& name : names)
        examine_file(doctor, *directory, name, parent);
}

/// The end of a sentence that names what may have been meant; empty if nothing
/// is similar.
template <class All, class Name>
std::string perhaps(const std::string& word, const All& all, Name name)
{
    std::vector<std::string> names;
    for (const auto& each : all)
        names.push_back(name(each));
    const auto found = suggestion(word, names);
    return found ? ": perhaps " + *found + " is meant" : "";
}

void examine_room(
    Doctor& doctor, const Definition& definition, const MdevType& type)
{
    // A virtual function has its reasons; see KernelInterface.
    if (const auto* parent = doctor.parent(definition.parent());
        parent && parent->framework() == Framework::vendor_vfio)
        return doctor.add("no-instance-left", Severity::warning,
            definition.uuid().string(),
            "Device " + definition.uuid().string() + " cannot be started: " +
                Access::impl(type).kernel->no_instance_error(type).what(),
            "Stop a device of this GPU, or choose another type or function");
    std::vector<std::string> holders;
    for (const auto& device : doctor.devices)
        if (device.parent() == definition.parent())
            holders.push_back(device.uuid().string());
    doctor.add("no-instance-left", Severity::warning,
        definition.uuid().string(),
        "Device " + definition.uuid().string() +
            " cannot be started: " + definition.parent() +
            " has no available instance of " + definition.type_id() +
            (holders.empty() ? ""
                             : "; the active devices of this parent are " +
                        joined(holders)),
        "Stop a device of that parent, or choose another type or parent");
}

void examine_type(Doctor& doctor, const Definition& definition)
{
    const auto& types = doctor.types[definition.parent()];
    const auto uuid = definition.uuid().string();
    const auto type =
        std::find_if(types.begin(), types.end(), [&](const MdevType& each) {
            return each.id() == definition.type_id();
        });
    if (types.empty())
        return; // reported for the parent
    if (type == types.end())
        doctor.add("type-unknown", Severity::warning, uuid,
            "Device " + uuid + " cannot be started: " + definition.parent() +
                " does not offer the type " + definition.type_id() +
                perhaps(definition.type_id(), types,
                    [](const MdevType& each) { return each.id(); }),
            "List the types that it offers",
            shell_command({"mdevctl", "types", "-p", definition.parent()}));
    else if (type->available_instances() == 0)
        examine_room(doctor, definition, *type);
    else if (definition.start() == StartMode::automatic)
        doctor.add("auto-not-active", Severity::warning, uuid,
            "Device " + uuid + " on " + definition.parent() +
                " should start automatically, but is not active",
            "Start it, and read the error",
            shell_command(
                {"mdevctl", "start", "-u", uuid, "-p", definition.parent()}));
}

/// Looks for what start_checks would refuse, with two differences: each fault
/// has an id and advice of its own, and a host with thousands of definitions is
/// asked for its parents, types and devices once.
void examine_definition(Doctor& doctor, const Definition& definition)
{
    const auto uuid = definition.uuid().string();
    const auto* device = doctor.active(definition.uuid());
    if (device && is_as_defined(*device, definition))
        return;
    if (device && device->parent() == definition.parent())
        return doctor.add("type-differs", Severity::warning, uuid,
            "Device " + uuid + " is active as " + device->type_id() +
                ", but defined as " + definition.type_id(),
            "Restart the device to apply its definition");
    // examine_shared_uuids() reports a device elsewhere, if it is wrong.
    if (!doctor.is_inactive(definition.uuid()))
        return;
    if (!doctor.parent(definition.parent())) {
        if (!doctor.knows_parents)
            return;
        if (examine_hardware(doctor, definition))
            return;
        if (const auto card = empty_card_of(doctor.env, definition.parent()))
            return doctor.add("parent-unknown", Severity::warning, uuid,
                "Device " + uuid + " is defined on " + definition.parent() +
                    ", which does not exist: GPU " + card->name +
                    " has no virtual functions",
                "Create the virtual functions, at each boot", card->command);
        return doctor.add("parent-unknown", Severity::warning, uuid,
            "Device " + uuid + " is defined on " + definition.parent() +
                ", which does not exist" +
                perhaps(definition.parent(), doctor.parents,
                    [](const ParentDevice& each) { return each.name(); }),
            has_driver(doctor, definition)
                ? "List the parents"
                : "Load the driver of the parent, or list the parents",
            shell_command({"mdevctl", "types"}));
    }
    examine_type(doctor, definition);
}

/// Finds a lock that prevents all changes of the store.
void examine_lock(Doctor& doctor)
try {
    check_lock(doctor.env);
} catch (const Error& error) {
    doctor.add("lock-unusable", Severity::error, error.subject(), error.what(),
        "Remove it; the next change creates it again",
        shell_command({"rm", "-r", error.subject()}));
}

void examine_shared_uuids(Doctor& doctor)
{
    std::map<Uuid, std::vector<std::string>> parents;
    for (const auto& definition : doctor.definitions)
        parents[definition.uuid()].push_back(definition.parent());
    for (const auto& [uuid, names] : parents) {
        if (names.size() < 2)
            continue;
        doctor.add("uuid-shared", Severity::warning, uuid.string(),
            "Device " + uuid.string() +
                " is defined on several parents, but can be active on only one "
                "of them: " +
                joined(names),
            "Remove all definitions but one",
            shell_command(
                {"mdevctl", "undefine", "-u", uuid.string(), "-p", "PARENT"}));
    }
}
}

void examine_store(Doctor& doctor)
{
    const auto root = Directory::at(doctor.env.definitions_directory());
    if (!root)
        return;
    doctor.check_owner(*root, ".", trusted);
    examine_lock(doctor);
    for (const auto& parent : parents_in(*root))
        doctor.attempt([&] { examine_directory(doctor, *root, parent); });
}

void examine_definitions(Doctor& doctor)
{
    for (const auto& definition : doctor.definitions)
        examine_definition(doctor, definition);
    examine_shared_uuids(doctor);
}

}
