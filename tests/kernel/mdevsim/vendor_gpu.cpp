// SPDX-License-Identifier: LGPL-2.1-or-later
#include "vendor_gpu.hpp"

#include "kernel_text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

namespace mdevsim {

namespace {

constexpr unsigned most_functions = 32;
constexpr unsigned first_function = 4;
constexpr unsigned functions_of_a_device = 8;
constexpr unsigned gpu_megabytes = 48 * 1024;
constexpr std::string_view prefix = "nvidia-vfio:";

struct VgpuType {
    unsigned number;
    std::string_view name;
    unsigned megabytes;
};

// Some types of an L40S.
constexpr std::array types{
    VgpuType{1145, "NVIDIA L40S-1B", 1024},
    VgpuType{1147, "NVIDIA L40S-1Q", 1024},
    VgpuType{1148, "NVIDIA L40S-2Q", 2048},
    VgpuType{1155, "NVIDIA L40S-24Q", 24 * 1024},
    VgpuType{1159, "NVIDIA L40S-48Q", 48 * 1024},
};

const VgpuType* find_type(std::uint64_t number)
{
    const auto* found = std::find_if(types.begin(), types.end(),
        [&](const VgpuType& type) { return type.number == number; });
    return found == types.end() ? nullptr : found;
}

// The functions have an offset of 4 and a stride of 1 to the GPU.
std::string function_address(const std::string& gpu, unsigned number)
{
    const auto device = std::stoul(gpu.substr(8, 2), nullptr, 16);
    const auto function = first_function + number;
    std::array<char, 8> end{};
    std::snprintf(end.data(), end.size(), "%02lx.%u",
        device + function / functions_of_a_device,
        function % functions_of_a_device);
    return gpu.substr(0, 8) + end.data();
}

std::string line(const VgpuType& type)
{
    auto number = std::to_string(type.number);
    number.resize(std::max<std::size_t>(number.size(), 5), ' ');
    return number + " : " + std::string(type.name) + "\n";
}

}

std::string pci_path(const std::string& address)
{
    // Devices of the domain that are not on bus 00 are behind a bridge there.
    if (address.size() != 12 || address[4] != ':' || address[7] != ':')
        return "devices/pci0000:00/" + address;
    auto domain = address.substr(0, 4);
    auto path = "devices/pci" + domain + ":00/";
    if (address.substr(5, 2) != "00")
        path += domain + ":00:1c.0/";
    return path + address;
}

std::optional<GpuOptions> GpuOptions::parse(const std::string& profile)
{
    if (!profile.starts_with(prefix))
        return {};
    GpuOptions options;
    auto rest = std::string_view(profile).substr(prefix.size());
    const auto take = [&] {
        const auto word = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        return word;
    };
    const auto count = parse_number(take());
    if (count.error || count.value > most_functions)
        return {};
    options.functions = static_cast<unsigned>(count.value);
    while (!rest.empty()) {
        const auto word = take();
        if (word == "upstream")
            options.driver = GpuDriver::upstream;
        else if (word == "unready")
            options.is_ready = false;
        else if (word == "mixed")
            options.allows_several_sizes = true;
        else if (word == "no-params")
            options.has_parameters = false;
        else
            return {};
    }
    return options;
}

VendorGpu::VendorGpu(
    NodePtr root, std::string name, const GpuOptions& options, Groups& groups)
    : root_(std::move(root)),
      name_(std::move(name)),
      options_(options),
      groups_(groups),
      directory_(root_->directory(pci_path(name_)))
{
    place(*directory_, name_);
    directory_->file("sriov_totalvfs", read_only,
        [] { return std::to_string(most_functions) + "\n"; });
    // The driver refuses: only sriov-manage may do this.
    directory_->file(
        "sriov_numvfs", read_write,
        [this] { return std::to_string(functions_.size()) + "\n"; },
        [](const std::string&) { return EPERM; });
    make_functions(options.functions);
}

VendorGpu::~VendorGpu()
{
    make_functions(0);
    root_->directory("bus/pci/devices")->erase(name_);
    root_->directory("bus/pci/drivers/nvidia")->erase(name_);
    directory_->parent()->erase(name_);
}

void VendorGpu::place(Node& directory, const std::string& name)
{
    auto bus = root_->directory("bus/pci");
    bus->directory("devices")->link(name, directory);
    auto driver = bus->directory("drivers/nvidia");
    driver->link(name, directory);
    directory.link("driver", *driver);
    directory.link("subsystem", *bus);
    directory.set_alias("bus/pci/devices/" + name);
    directory.file("vendor", read_only, [] { return std::string("0x10de\n"); });
    directory.file(
        "class", read_only, [] { return std::string("0x030200\n"); });
    add_uevent_file(directory, read_write,
        [name] { return "DRIVER=nvidia\nPCI_SLOT_NAME=" + name + "\n"; });
}

int VendorGpu::make_functions(unsigned count)
{
    if (count > most_functions)
        return EINVAL;
    if (std::any_of(functions_.begin(), functions_.end(),
            [](const auto& entry) { return entry.second->is_held; }))
        return EBUSY;
    while (!functions_.empty())
        remove_function(functions_.begin()->first);
    for (unsigned i = 0; i < count; ++i)
        add_function(i);
    return 0;
}

void VendorGpu::add_function(unsigned number)
{
    auto made = std::make_unique<Function>();
    auto& function = *made;
    function.name = function_address(name_, number);
    function.directory = root_->directory(pci_path(function.name));
    function.group = groups_.take();
    place(*function.directory, function.name);
    function.directory->link("physfn", *directory_);
    directory_->link("virtfn" + std::to_string(number), *function.directory);
    const auto group = std::to_string(function.group);
    auto shared = root_->directory("kernel/iommu_groups/" + group);
    shared->directory("devices")->link(function.name, *function.directory);
    function.directory->link("iommu_group", *shared);
    function.directory->directory("vfio-dev/vfio" + group)
        ->file("dev", read_only, [group] { return "511:" + group + "\n"; });
    add_vendor_files(function);
    functions_.emplace(function.name, std::move(made));
}

void VendorGpu::add_vendor_files(Function& function)
{
    auto vendor = function.directory->directory("nvidia");
    vendor->file("creatable_vgpu_types", read_only,
        [this, &function] { return types_text(function); });
    vendor->file(
        "current_vgpu_type", read_write,
        [&function] { return std::to_string(function.type) + "\n"; },
        [this, &function](
            const std::string& text) { return store_type(function, text); });
    if (!options_.has_parameters)
        return;
    vendor->file(
        "vgpu_params", read_write,
        [&function] { return function.parameters + "\n"; },
        [&function](const std::string& text) {
            if (function.type == 0)
                return EPERM;
            function.parameters = without_newline(text);
            return 0;
        });
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): see the header
void VendorGpu::remove_function(std::string name)
{
    const auto found = functions_.find(name);
    if (found == functions_.end())
        return;
    const auto function = std::move(found->second);
    functions_.erase(found);
    groups_.give_back(function->group);
    root_->directory("kernel/iommu_groups")
        ->erase(std::to_string(function->group));
    root_->directory("bus/pci/devices")->erase(name);
    root_->directory("bus/pci/drivers/nvidia")->erase(name);
    for (const auto& node : directory_->children())
        if (node->name().starts_with("virtfn") &&
            node->target().ends_with("/" + name))
            directory_->erase(node->name());
    function->directory->parent()->erase(name);
}

void VendorGpu::clear(Function& function)
{
    function.type = 0;
    function.parameters.clear();
}

VendorGpu::Function* VendorGpu::find(const std::string& name)
{
    const auto found = functions_.find(name);
    return found == functions_.end() ? nullptr : found->second.get();
}

VendorGpu::Function* VendorGpu::function_of(const Node& node)
{
    for (const Node* at = &node; at; at = at->parent())
        if (auto* function = find(at->name());
            function && function->directory.get() == at)
            return function;
    return nullptr;
}

// The first virtual GPU determines the size of all.
std::string VendorGpu::types_text(const Function& function) const
{
    const std::string heading = "ID    : vGPU Name\n";
    if (function.type != 0)
        return options_.driver == GpuDriver::upstream ? "" : heading;
    unsigned size = 0;
    unsigned used = 0;
    for (const auto& [name, other] : functions_)
        if (const auto* type = find_type(other->type)) {
            size = type->megabytes;
            used += type->megabytes;
        }
    auto text = heading;
    for (const auto& type : types)
        if (options_.is_ready && used + type.megabytes <= gpu_megabytes &&
            (size == 0 || size == type.megabytes ||
                options_.allows_several_sizes))
            text += line(type);
    return text;
}

int VendorGpu::store_type(Function& function, const std::string& text)
{
    const auto number = parse_number(text);
    if (number.error)
        return EINVAL;
    if (options_.driver == GpuDriver::upstream && function.is_held)
        return EBUSY;
    if (number.value == 0)
        return remove(function);
    if (options_.driver == GpuDriver::shipped && function.type != 0)
        return EPERM;
    return make(function, number.value);
}

int VendorGpu::make(Function& function, std::uint64_t number)
{
    const bool is_upstream = options_.driver == GpuDriver::upstream;
    const auto before = function.type;
    function.type = 0;
    const auto* type = find_type(number);
    const auto offered = types_text(function);
    if (type && offered.find(line(*type)) != offered.npos) {
        function.type = type->number;
        return 0;
    }
    function.type = before;
    // The shipped driver passes on an errno of its resource manager.
    if (!is_upstream)
        return EIO;
    if (!type)
        return ENODEV;
    const bool is_other_size = std::any_of(
        functions_.begin(), functions_.end(), [&](const auto& entry) {
            const auto* other = find_type(entry.second->type);
            return other && other->megabytes != type->megabytes;
        });
    return is_other_size && !options_.allows_several_sizes ? EINVAL : ENOSPC;
}

int VendorGpu::remove(Function& function) const
{
    if (function.type == 0)
        return options_.driver == GpuDriver::shipped ? EPERM : 0;
    if (function.is_held)
        return must_wait;
    clear(function);
    return 0;
}

}
