// SPDX-License-Identifier: LGPL-2.1-or-later
#include "vendor_vfio.hpp"

#include "environment_impl.hpp"
#include "name.hpp"
#include "text.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <set>

namespace mdev {

namespace {

/// A note that does not match the present state of the function would become
/// valid again if another program gave the function the noted type. The noted
/// types of the card are kept.
void forget_former_device(
    const Environment& env, const VirtualFunction& function) noexcept
try {
    const auto is_former = [&](const std::optional<VendorNote>& note) {
        return note && !note->type_id.empty() && !function.valid_note();
    };
    if (!is_former(read_note(env, function.name())))
        return;
    // A process that starts a device writes the note first.
    const auto lock = try_lock_function(env, function.name());
    auto note = lock ? read_note(env, function.name()) : std::nullopt;
    if (!is_former(note))
        return;
    note->type_id.clear();
    write_note(env, function.name(), *note);
} catch (const Error& error) {
    env.log(LogLevel::debug, error.what());
}

/// Nothing if the function has no device (any more).
std::optional<Device> device_of(
    const Environment& env, const VirtualFunction& function)
{
    forget_former_device(env, function);
    auto device = function.device();
    if (!device)
        return {};
    return Access::make<Device>({&vendor_vfio(), env, device->uuid,
        function.name(), std::move(device->type_id), function.identity()});
}

std::optional<Device> device_of(
    const Environment& env, const std::string& parent)
{
    const auto function = VirtualFunction::find(env, parent);
    return function ? device_of(env, *function) : std::nullopt;
}

bool has_type(const std::vector<VendorType>& types, const std::string& id)
{
    return std::any_of(types.begin(), types.end(),
        [&](const VendorType& type) { return type.id == id; });
}

/// The types of the card. Those that the function cannot be given now have no
/// available instance.
std::vector<MdevType> types_of(
    const Environment& env, const VirtualFunction& function)
{
    std::vector<MdevType> types;
    const bool is_free = function.current().empty();
    const auto offered =
        is_free ? function.offered() : std::vector<VendorType>();
    auto known = known_types(env, function.siblings());
    for (const auto& type : offered)
        if (!has_type(known, type.id))
            known.push_back(type);
    for (auto& type : known)
        // The file is the driver's; a definition needs a name of this form.
        if (is_component(type.id))
            types.push_back(Access::make<MdevType>({&vendor_vfio(), env,
                type.id, function.name(), has_type(offered, type.id) ? 1 : 0,
                "vfio-pci", std::move(type.name), {}}));
    return types;
}

/// Whether the siblings' devices prevent a type by their size, and not because
/// the card is full. The card may allow several sizes; the offered types show
/// this.
bool is_other_size(const Environment& env, const VirtualFunction& function,
    const std::vector<VirtualFunction>& siblings, const std::string& type_id)
{
    const auto offered = function.offered();
    if (offered.empty())
        return false;
    const auto known = known_types(env, siblings);
    const auto size_of = [&](const std::string& id) {
        const auto found = std::find_if(known.begin(), known.end(),
            [&](const VendorType& type) { return type.id == id; });
        return found == known.end() ? std::string()
                                    : function.files().size_in(found->name);
    };
    std::set<std::string> running;
    for (const auto& sibling : siblings)
        if (const auto type = sibling.current(); !type.empty()) {
            if (type == type_id)
                return false;
            running.insert(size_of(type));
        }
    const auto wanted = size_of(type_id);
    if (wanted.empty() || running.contains(""))
        return true;
    return running.size() == 1 && !running.contains(wanted) &&
        std::all_of(
            offered.begin(), offered.end(), [&](const VendorType& type) {
                const auto size = function.files().size_in(type.name);
                return size.empty() || running.contains(size);
            });
}

/// "nvidia-1148 on 0000:41:00.5" and so on, of the siblings.
std::vector<std::string> devices_on(
    const std::vector<VirtualFunction>& siblings)
{
    std::vector<std::string> devices;
    for (const auto& function : siblings)
        if (const auto type = function.current(); !type.empty())
            devices.push_back(type + " on " + function.name());
    return devices;
}

}

const KernelInterface& vendor_vfio()
{
    static const VendorVfio vfio;
    return vfio;
}

Error refusal(const Environment& env, const VirtualFunction& function,
    const std::string& type_id)
{
    const auto& name = function.name();
    const auto no_instance = [&](const std::string& why) {
        return Error(Errc::no_instance_left, name, why);
    };
    const auto type_on = type_id + " on " + name;
    if (const auto device = device_of(env, function))
        return no_instance("Function " + name + " already has type " +
            device->type_id() + " (device " + device->uuid().string() + ")");
    const auto siblings = function.siblings();
    const auto running = devices_on(siblings);
    const auto physical = function.physical();
    const auto card = physical.empty() ? name : physical;
    const auto why = "The driver currently does not offer " + type_on;
    // The driver gets its functions ready one after another.
    if (running.empty() && function.offered().empty())
        return {Errc::no_instance_left,
            std::make_error_code(std::errc::resource_unavailable_try_again),
            name, why};
    if (running.empty())
        return no_instance(why);
    if (!is_other_size(env, function, siblings, type_id))
        return no_instance("GPU " + card +
            " is full: it has no capacity for a " + type_on + " beside " +
            joined(running));
    return no_instance("GPU " + card + " cannot have a " + type_id +
        ": all its devices must have the size of the first (" +
        joined(running) + "); " +
        std::string(function.files().advice_on_sizes));
}

Framework VendorVfio::framework() const noexcept
{
    return Framework::vendor_vfio;
}

std::vector<std::string> VendorVfio::parents(const Environment& env) const
{
    std::vector<std::string> names;
    for (const auto& function : VirtualFunction::all(env))
        names.push_back(function.name());
    return names;
}

bool VendorVfio::has_parent(
    const Environment& env, const std::string& parent) const
{
    return VirtualFunction::find(env, parent).has_value();
}

std::filesystem::path VendorVfio::parent_path(
    const Environment& env, const std::string& parent) const
{
    return pci_directory(env) / parent;
}

std::vector<MdevType> VendorVfio::types(
    const Environment& env, const std::string& parent) const
try {
    const auto function = VirtualFunction::find(env, parent);
    return function ? types_of(env, *function) : std::vector<MdevType>();
} catch (const Error& error) {
    if (has_parent(env, parent))
        env.log(LogLevel::warning, error.what());
    return {};
}

std::vector<std::string> VendorVfio::type_ids(
    const Environment& env, const std::string& parent) const
{
    std::vector<std::string> ids;
    for (const auto& type : types(env, parent))
        ids.push_back(type.id());
    return ids;
}

std::optional<MdevType> VendorVfio::type(const Environment& env,
    const std::string& parent, const std::string& id) const
{
    const auto function = VirtualFunction::find(env, parent);
    if (!function)
        return {};
    for (auto& type : types_of(env, *function))
        if (type.id() == id)
            return type;
    // The types that a function with a device could have instead need not be
    // known: that the function has a device is the answer; see
    // no_instance_error(). The name of a type is not its id.
    const bool is_id = !function->files().written(id).empty();
    if (is_id && !function->current().empty())
        return Access::make<MdevType>(
            {&vendor_vfio(), env, id, parent, 0, "vfio-pci", {}, {}});
    return {};
}

std::filesystem::path VendorVfio::type_path(
    const Access::Impl<MdevType>& type) const
{
    const auto function = VirtualFunction::find(type.env, type.parent);
    const auto path = pci_directory(type.env) / type.parent;
    return function ? path / function->files().types_file : path;
}

Error VendorVfio::no_instance_error(const MdevType& type) const
{
    const auto& env = Access::impl(type).env;
    if (const auto function = VirtualFunction::find(env, type.parent()))
        return refusal(env, *function, type.id());
    return {Errc::no_such_parent, type.parent(),
        "Function " + type.parent() + " no longer exists"};
}

std::optional<Device> VendorVfio::find_device(
    const Environment& env, const Uuid& uuid) const
{
    auto parents = noted_parents(env);
    if (const auto function = VirtualFunction::find_by_address(env, uuid))
        parents.push_back(function->name());
    for (const auto& parent : parents)
        if (auto device = device_of(env, parent);
            device && device->uuid() == uuid)
            return device;
    return {};
}

void VendorVfio::append_devices(const Environment& env, DeviceList& list) const
{
    for (const auto& function : VirtualFunction::all(env))
        try {
            if (auto device = device_of(env, function))
                list.devices.push_back(std::move(*device));
        } catch (const Error& error) {
            if (has_parent(env, function.name()))
                env.log(LogLevel::warning, error.what());
        }
}

std::vector<Device> VendorVfio::devices_of(
    const Environment& env, const std::string& parent) const
try {
    auto device = device_of(env, parent);
    return device ? std::vector<Device>{std::move(*device)}
                  : std::vector<Device>();
} catch (const Error& error) {
    if (has_parent(env, parent))
        env.log(LogLevel::warning, error.what());
    return {};
}

std::filesystem::path VendorVfio::device_path(
    const Access::Impl<Device>& device) const
{
    return parent_path(device.env, device.parent);
}

std::optional<Directory> VendorVfio::find_directory(
    const Access::Impl<Device>& device) const
{
    const auto now = device_of(device.env, device.parent);
    if (!now || now->uuid() != device.uuid || now->type_id() != device.type_id)
        return {};
    auto directory = Directory::at(device_path(device));
    const auto number = device.directory_number;
    if (number != 0 && directory && identity_of(*directory) != number)
        return {};
    return directory;
}

bool VendorVfio::is_attribute(
    const Access::Impl<Device>& device, const std::string& name) const
{
    const auto function = VirtualFunction::find(device.env, device.parent);
    return !function || name != function->files().current_file;
}

bool VendorVfio::is_in_removal(
    const Environment&, const std::string&, const Uuid&) const
{
    return false;
}

}
