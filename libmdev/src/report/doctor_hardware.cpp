// SPDX-License-Identifier: LGPL-2.1-or-later
#include "doctor_impl.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>

namespace mdev {

// Finds out why the parent of a definition is missing. The hardware may exist,
// but be bound to another driver, for example after each boot if a subchannel
// has no assigned driver. Or the driver's module is not loaded, or was not
// built for the kernel.

namespace {

namespace fs = std::filesystem;

/// Buses on which an administrator chooses the driver of a device, with the
/// options that name the bus for driverctl(8).
struct Bus {
    const char* name;
    const char* options;
};
constexpr std::array<Bus, 2> buses{{{"css", "-b css "}, {"pci", ""}}};
constexpr const char* devices = "devices";

/// The driver of a type's parent: the kernel begins the name of a type with it.
std::string driver_of(const std::string& type_id)
{
    const auto end = type_id.find('-');
    return end == type_id.npos ? "" : type_id.substr(0, end);
}

/// Modules are listed with either character in their names.
std::string with_underscores(std::string name)
{
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

/// Whether a list of modules of the kernel, such as modules.dep, has the
/// module. Each line begins with the path of a module, which may be compressed.
bool is_listed(const Directory& modules, const char* list, std::string module)
{
    constexpr std::size_t limit = 64 * 1024 * 1024;
    const auto text = with_underscores(modules.read(list, limit).value_or(""));
    module = "/" + with_underscores(std::move(module)) + ".ko";
    for (auto line = text.begin(); line != text.end();) {
        const auto end = std::find(line, text.end(), '\n');
        const auto path_end = std::find(line, end, ':');
        if (std::search(line, path_end, module.begin(), module.end()) !=
            path_end)
            return true;
        line = end == text.end() ? end : end + 1;
    }
    return false;
}

/// Where the modules of the running kernel are, and the kernel's release.
class Modules {
public:
    explicit Modules(const fs::path& root)
        : loaded_(Directory::at(root / "sys/module"))
    {
        constexpr std::size_t limit = 256;
        const auto kernel = Directory::at(root / "proc/sys/kernel");
        auto text = kernel ? kernel->read("osrelease", limit) : std::nullopt;
        if (!text || text->empty() || text->find('/') != text->npos)
            return;
        release_ = text->substr(0, text->find('\n'));
        installed_ = Directory::at(root / "lib/modules" / release_);
    }

    const std::string& release() const { return release_; }
    /// A module that is built into the kernel is loaded, although /sys/module
    /// may not have it.
    DriverState state_of(const std::string& module) const
    {
        if (loaded_ && loaded_->exists(with_underscores(module)))
            return DriverState::loaded;
        if (!installed_ || !installed_->exists("modules.dep"))
            return DriverState::unknown;
        if (is_listed(*installed_, "modules.builtin", module))
            return DriverState::loaded;
        return is_listed(*installed_, "modules.dep", module)
            ? DriverState::not_loaded
            : DriverState::missing;
    }

private:
    std::optional<Directory> loaded_;
    std::string release_;
    std::optional<Directory> installed_;
};

std::string place_of(const Definition& definition)
{
    return "Device " + definition.uuid().string() + " is defined on " +
        definition.parent();
}

void add_missing_driver(Doctor& doctor, const Definition& definition,
    const std::string& driver, const std::string& release)
{
    doctor.add("driver-missing", Severity::warning, definition.uuid().string(),
        place_of(definition) + ", whose driver " + driver +
            " is not installed for the kernel " + release,
        "Install the driver, or a kernel that includes it");
}

void add_other_driver(Doctor& doctor, const Definition& definition,
    const std::string& driver, const std::string& bound, const Bus& bus)
{
    doctor.add("driver-other", Severity::warning, definition.uuid().string(),
        place_of(definition) + ", which exists, but is bound to " +
            (bound.empty() ? "no driver" : "the driver " + bound) +
            " instead of " + driver,
        "Bind the driver, now and at each boot",
        "driverctl " + std::string(bus.options) +
            shell_command({"set-override", definition.parent(), driver}));
}

void add_idle_driver(
    Doctor& doctor, const Definition& definition, const std::string& driver)
{
    doctor.add("parent-unknown", Severity::warning, definition.uuid().string(),
        place_of(definition) + ", which is bound to its driver " + driver +
            ", but is not a parent device",
        "Configure the driver to offer mediated devices, and read its messages",
        "dmesg");
}

/// Adds a finding if the hardware exists. Returns whether it did. A driver that
/// is missing cannot be bound; one that is bound has another module.
bool examine_binding(Doctor& doctor, const Definition& definition,
    const std::string& driver, bool is_missing)
{
    for (const auto& bus : buses) {
        const auto path = doctor.env.root() / "sys/bus" / bus.name / devices;
        const auto directory = Directory::at(path);
        const auto device =
            directory ? directory->find(definition.parent()) : std::nullopt;
        if (!device)
            continue;
        const auto bound =
            fs::path(device->link_target("driver").value_or("")).filename();
        if (bound == driver)
            add_idle_driver(doctor, definition, driver);
        else if (is_missing)
            return false;
        else
            add_other_driver(doctor, definition, driver, bound, bus);
        return true;
    }
    return false;
}

}

bool examine_hardware(Doctor& doctor, const Definition& definition)
{
    const auto driver = driver_of(definition.type_id());
    if (driver.empty())
        return false;
    const Modules modules(doctor.env.root());
    // The list of a kernel's modules is long, and definitions are many.
    const auto [known, is_new] =
        doctor.drivers.try_emplace(driver, DriverState::unknown);
    if (is_new)
        known->second = modules.state_of(driver);
    const auto state = known->second;
    const bool is_missing = state == DriverState::missing;
    if (examine_binding(doctor, definition, driver, is_missing))
        return true;
    if (is_missing) {
        add_missing_driver(doctor, definition, driver, modules.release());
        return true;
    }
    if (state != DriverState::not_loaded)
        return false;
    doctor.add("driver-not-loaded", Severity::warning,
        definition.uuid().string(),
        place_of(definition) + ", whose driver " + driver + " is not loaded",
        "Load the driver", shell_command({"modprobe", driver}));
    return true;
}

bool has_driver(const Doctor& doctor, const Definition& definition)
{
    const auto known = doctor.drivers.find(driver_of(definition.type_id()));
    return known != doctor.drivers.end() &&
        known->second == DriverState::loaded;
}

bool has_no_mdev(const Environment& env)
{
    return Modules(env.root()).state_of("mdev") == DriverState::missing;
}

}
