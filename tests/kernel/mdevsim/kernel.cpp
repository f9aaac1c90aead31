// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel.hpp"

#include "kernel_text.hpp"
#include "subchannel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace mdevsim {

namespace {

constexpr std::size_t name_max = 255;
// Adds the files of a device that do not depend on its driver.
constexpr std::array own_entries{
    "mdev_type", "power", "remove", "subsystem", "uevent"};

bool is_component(const std::string& name)
{
    return !name.empty() && name != "." && name != ".." &&
        name.size() <= name_max && name.find('/') == std::string::npos;
}

std::string device_path(const Parent& parent)
{
    switch (parent.profile->place) {
    case Place::ap: return "devices/vfio_ap/" + parent.name;
    case Place::css: return "devices/css0/" + parent.name;
    case Place::pci: return pci_path(parent.name);
    case Place::virtual_device: break;
    }
    return "devices/virtual/" + parent.profile->module + "/" + parent.name;
}

// Returns the bus of a parent. Empty for a parent with a class of its own.
std::string bus_of(Place place)
{
    switch (place) {
    case Place::ap: return "matrix";
    case Place::css: return "css";
    case Place::pci: return "pci";
    case Place::virtual_device: break;
    }
    return "";
}

bool is_pci_address(const std::string& name)
{
    return name.size() == 12 && name[4] == ':' && name[7] == ':' &&
        name[10] == '.';
}

void add_group_files(Node& group)
{
    group.file("name", read_only, [] { return "vfio-noiommu\n"; });
    group.file("reserved_regions", read_only, [] { return ""; });
    group.file(
        "type", read_write, [] { return "unknown\n"; },
        [](const std::string&) { return EINVAL; });
}

std::string parent_uevent(const Parent& parent)
{
    switch (parent.profile->place) {
    case Place::pci:
        return "DRIVER=" + parent.profile->module +
            "\nPCI_SLOT_NAME=" + parent.name + "\n";
    case Place::virtual_device: return "";
    case Place::css: return subchannel_uevent();
    case Place::ap: break;
    }
    return "DRIVER=" + parent.profile->module + "\n";
}

}

Kernel::Kernel()
    : root_(Node::root()),
      class_(root_->directory("class/mdev_bus")),
      bus_(root_->directory("bus/mdev")),
      devices_directory_(root_->directory("bus/mdev/devices"))
{
    auto ignore = [](const std::string&) { return 0; };
    bus_->directory("drivers");
    for (const auto* always :
        {"class/vfio-dev", "devices", "kernel/iommu_groups", "module"})
        root_->directory(always);
    bus_->file(
        "drivers_autoprobe", read_write, [] { return "1\n"; }, ignore);
    bus_->file("drivers_probe", write_only, {}, ignore);
    add_uevent_file(*bus_, write_only, {});
}

std::shared_ptr<const Profile> Kernel::profile(const std::string& name)
{
    auto& known = profiles_[name];
    if (known)
        return known;
    auto found = find_profile(name);
    if (found)
        known = std::make_shared<const Profile>(std::move(*found));
    return known;
}

int Kernel::add_parent(const std::string& name, const std::string& profile)
{
    if (const auto gpu = GpuOptions::parse(profile))
        return add_gpu(name, *gpu);
    auto wanted = this->profile(profile);
    if (!wanted || !is_component(name))
        return EINVAL;
    if (parents_.contains(name) || gpus_.contains(name))
        return EEXIST;
    auto parent = std::make_unique<Parent>(name, wanted);
    place(*parent);
    add_mdev_driver(*wanted);
    auto types = parent->directory->directory("mdev_supported_types");
    for (std::size_t i = 0; i < wanted->types.size(); ++i)
        add_type(*parent, i, *types);
    class_->link(name, *parent->directory);
    parents_.emplace(name, std::move(parent));
    return 0;
}

void Kernel::place(Parent& parent)
{
    parent.directory = root_->directory(device_path(parent));
    parent.directory->set_alias("class/mdev_bus/" + parent.name);
    if (parent.profile->has_power)
        add_power_files(*parent.directory, parent.power);
    if (parent.profile->place == Place::css)
        add_subchannel_files(*parent.directory, parent.name);
    if (parent.profile->has_inner_parent)
        add_uevent_file(*parent.directory->directory("parent"), read_write,
            [] { return ""; });
    if (parent.profile->extras == Extras::ap_matrix)
        parent.directory->file("features", read_only,
            [] { return "guest_matrix hotplug ap_config\n"; });
    auto bus = bus_of(parent.profile->place);
    if (bus.empty())
        place_on_class(parent);
    else
        place_on_bus(parent, bus);
    add_uevent_file(*parent.directory, read_write,
        [&parent] { return parent_uevent(parent); });
}

void Kernel::place_on_class(Parent& parent)
{
    auto directory = root_->directory("class/" + parent.profile->module);
    directory->link(parent.name, *parent.directory);
    parent.directory->link("subsystem", *directory);
}

void Kernel::place_on_bus(Parent& parent, const std::string& bus)
{
    auto directory = root_->directory("bus/" + bus);
    directory->directory("devices")->link(parent.name, *parent.directory);
    auto driver = directory->directory("drivers/" + parent.profile->module);
    driver->link(parent.name, *parent.directory);
    parent.directory->link("driver", *driver);
    parent.directory->link("subsystem", *directory);
}

void Kernel::take_off(const Parent& parent)
{
    const auto& module = parent.profile->module;
    auto bus = bus_of(parent.profile->place);
    if (bus.empty()) {
        root_->directory("class/" + module)->erase(parent.name);
        return;
    }
    auto directory = root_->directory("bus/" + bus);
    directory->directory("devices")->erase(parent.name);
    directory->directory("drivers/" + module)->erase(parent.name);
}

void Kernel::add_mdev_driver(const Profile& profile)
{
    auto drivers = bus_->directory("drivers");
    if (drivers->find(profile.driver))
        return;
    auto driver = drivers->directory(profile.driver);
    // As measured: a device that has lost its driver does not get it back.
    driver->file(
        "bind", write_only, {}, [](const std::string&) { return ENODEV; });
    driver->file(
        "unbind", write_only, {}, [this, &profile](const std::string& text) {
            return store_unbind(profile, text);
        });
    add_uevent_file(*driver, write_only, {});
    driver->link("module", *root_->directory("module/" + profile.module));
}

void Kernel::add_type(Parent& parent, std::size_t type, Node& types)
{
    const auto& is = parent.profile->types[type];
    auto directory = types.directory(is.id);
    auto fixed = [&](const std::string& name, const std::string& text) {
        if (!text.empty())
            directory->file(name, read_only, [&text] { return text + "\n"; });
    };
    fixed("device_api", parent.profile->device_api);
    fixed("name", is.name);
    fixed("description", is.description);
    directory->file("available_instances", read_only, [&parent, type] {
        return std::to_string(parent.capacity.available(type)) + "\n";
    });
    directory->file("create", write_only, {},
        [this, &parent, type](const std::string& text) {
            return store_create(parent, type, text);
        });
    directory->directory("devices");
    parent.types.push_back(directory);
}

int Kernel::add_gpu(const std::string& name, const GpuOptions& options)
{
    if (!is_pci_address(name))
        return EINVAL;
    if (parents_.contains(name) || gpus_.contains(name))
        return EEXIST;
    gpus_.emplace(
        name, std::make_unique<VendorGpu>(root_, name, options, groups_));
    return 0;
}

VendorGpu* Kernel::find_gpu(const std::string& name) const
{
    const auto found = gpus_.find(name);
    return found == gpus_.end() ? nullptr : found->second.get();
}

VendorGpu::Function* Kernel::find_function(const std::string& name) const
{
    for (const auto& [gpu, is] : gpus_)
        if (auto* function = is->find(name))
            return function;
    return nullptr;
}

VendorGpu::Function* Kernel::function_of(const Node& node) const
{
    for (const auto& [gpu, is] : gpus_)
        if (auto* function = is->function_of(node))
            return function;
    return nullptr;
}

int Kernel::remove_function(const std::string& name)
{
    for (const auto& [gpu, is] : gpus_)
        if (is->find(name)) {
            is->remove_function(name);
            return 0;
        }
    return ENODEV;
}

int Kernel::remove_parent(const std::string& name)
{
    if (auto* gpu = find_gpu(name)) {
        if (int error = gpu->make_functions(0))
            return error;
        gpus_.erase(name);
        return 0;
    }
    auto found = parents_.find(name);
    if (found == parents_.end())
        return ENODEV;
    auto& parent = *found->second;
    for (const auto& [uuid, device] : parent.devices) {
        if (device->is_held)
            return EBUSY; // the module is in use
    }
    while (!parent.devices.empty())
        destroy(*parent.devices.begin()->second);
    class_->erase(name);
    take_off(parent);
    parent.directory->parent()->erase(name);
    parents_.erase(found);
    return 0;
}

int Kernel::create(
    const std::string& parent, const std::string& type, const std::string& uuid)
{
    auto found = parents_.find(parent);
    if (found == parents_.end())
        return ENODEV;
    const auto& types = found->second->profile->types;
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (types[i].id == type)
            return store_create(*found->second, i, uuid);
    }
    return ENOENT;
}

// One more character may follow. The kernel ignores it.
int Kernel::store_create(
    Parent& parent, std::size_t type, const std::string& text)
{
    auto uuid = parse_uuid(text);
    if (!uuid || text.size() > uuid->size() + 1)
        return EINVAL;
    if (devices_.contains(*uuid))
        return EEXIST;
    if (!parent.capacity.take(type))
        return parent.profile->error_when_full;
    return make_device(parent, type, *uuid);
}

int Kernel::make_device(
    Parent& parent, std::size_t type, const std::string& uuid)
{
    auto device =
        std::make_unique<Device>(Device{uuid, parent, type, groups_.take()});
    device->directory = parent.directory->directory(uuid);
    device->directory->set_alias("bus/mdev/devices/" + uuid);
    add_device_files(*device);
    bind(*device);
    parent.devices.emplace(uuid, device.get());
    devices_.emplace(uuid, std::move(device));
    return 0;
}

void Kernel::add_device_files(Device& device)
{
    auto& directory = *device.directory;
    const auto& type = device.parent.types[device.type];
    devices_directory_->link(device.uuid, directory);
    type->find("devices")->link(device.uuid, directory);
    directory.link("mdev_type", *type);
    directory.link("subsystem", *bus_);
    directory.file(
        "remove", write_only, {}, [this, &device](const std::string& text) {
            return store_remove(device, text);
        });
    if (device.parent.profile->has_power)
        add_power_files(directory, device.power);
    add_uevent_file(directory, read_write, [&device] {
        return device.has_driver
            ? "DRIVER=" + device.parent.profile->driver + "\n"
            : "";
    });
}

void Kernel::bind(Device& device)
{
    const auto& name = device.parent.profile->driver;
    auto driver = bus_->directory("drivers/" + name);
    driver->link(device.uuid, *device.directory);
    device.directory->link("driver", *driver);
    auto group =
        root_->directory("kernel/iommu_groups/" + std::to_string(device.group));
    add_group_files(*group);
    group->directory("devices")->link(device.uuid, *device.directory);
    device.directory->link("iommu_group", *group);
    add_vfio_device(device);
    add_driver_files(device);
}

void Kernel::add_vfio_device(Device& device)
{
    auto name = "vfio" + std::to_string(device.group);
    auto vfio = device.directory->directory("vfio-dev/" + name);
    auto all = root_->directory("class/vfio-dev");
    vfio->link("device", *device.directory);
    vfio->link("subsystem", *all);
    if (device.parent.profile->has_power)
        add_power_files(*vfio, device.vfio_power);
    if (device.parent.profile->has_vfio_devices) {
        constexpr auto* major = "511:";
        vfio->file("dev", read_only, [number = device.group] {
            return major + std::to_string(number) + "\n";
        });
    }
    add_uevent_file(*vfio, read_write, [] { return ""; });
    all->link(name, *vfio);
}

void Kernel::unbind(Device& device)
{
    if (!device.has_driver)
        return;
    device.has_driver = false;
    device.parent.capacity.give_back(device.type);
    const auto& name = device.parent.profile->driver;
    bus_->directory("drivers/" + name)->erase(device.uuid);
    auto number = std::to_string(device.group);
    root_->directory("kernel/iommu_groups")->erase(number);
    root_->directory("class/vfio-dev")->erase("vfio" + number);
    groups_.give_back(device.group);
    for (const auto& node : device.directory->children()) {
        if (std::count(own_entries.begin(), own_entries.end(), node->name()) ==
            0)
            device.directory->erase(node->name());
    }
}

int Kernel::store_unbind(const Profile& profile, const std::string& text)
{
    auto* device = find_device(std::string(without_newline(text)));
    if (!device || !device->has_driver || device->is_leaving ||
        device->parent.profile->driver != profile.driver)
        return ENODEV;
    unbind(*device);
    return 0;
}

int Kernel::store_remove(Device& device, const std::string& text)
{
    auto number = parse_number(text);
    if (number.error)
        return EINVAL;
    if (number.value == 0)
        return 0;
    if (device.is_held && device.has_driver) {
        start_leaving(device);
        return must_wait;
    }
    destroy(device);
    return 0;
}

// Until the last user has closed the device, only its group still shows it.
void Kernel::start_leaving(Device& device)
{
    device.is_leaving = true;
    hide(device);
    bus_->directory("drivers/" + device.parent.profile->driver)
        ->erase(device.uuid);
    for (const auto& node : device.directory->children()) {
        if (node->name() != "iommu_group" && node->name() != "vfio-dev")
            device.directory->erase(node->name());
    }
}

void Kernel::hide(Device& device)
{
    devices_directory_->erase(device.uuid);
    device.parent.types[device.type]->find("devices")->erase(device.uuid);
}

Device* Kernel::find_device(const std::string& uuid) const
{
    auto found = devices_.find(uuid);
    return found == devices_.end() ? nullptr : found->second.get();
}

Device* Kernel::device_of(const Node& node) const
{
    for (const Node* at = &node; at; at = at->parent()) {
        auto* device = find_device(at->name());
        if (device && device->directory.get() == at)
            return device;
    }
    return nullptr;
}

void Kernel::destroy(Device& device)
{
    const auto uuid = device.uuid;
    hide(device);
    unbind(device);
    device.parent.directory->erase(uuid);
    device.parent.devices.erase(uuid);
    devices_.erase(uuid);
}

}
